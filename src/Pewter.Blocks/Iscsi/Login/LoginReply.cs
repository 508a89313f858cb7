namespace Pewter.Blocks.Iscsi.Login;

/// <summary>What to answer to one login request.</summary>
internal sealed record LoginReply(
    LoginStatus Status, bool Transit, LoginStage Current, LoginStage Next, IReadOnlyList<KeyValuePair<string, string>> Keys)
{
    public bool EndsLogin => Status == LoginStatus.Success && Transit && Next == LoginStage.FullFeature;

    public static LoginReply Refuse(LoginStatus status, LoginStage stage) => new(status, false, stage, stage, []);
}
