namespace Pewter.Testing.Hosts;

/// <summary>A host's cable into a segment. Cut at the switch's end, so that the host's own interface and addresses stay as they are.</summary>
public sealed record TestLink(string Namespace, string Interface)
{
    /// <summary>Cuts it: nothing passes, and nobody is told.</summary>
    public Task CutAsync() => TestNetwork.DoAsync($"ip -n {Namespace} link set {Interface} down");

    /// <summary>Joins it again.</summary>
    public Task HealAsync() => TestNetwork.DoAsync($"ip -n {Namespace} link set {Interface} up");
}
