using System.CommandLine;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter switch add</c>: an Open vSwitch of the daemon's own; prints its directory.</summary>
internal sealed class SwitchAddCommand : PewterCommand
{
    private readonly Argument<string> _name = new("NAME") { Description = "Its name" };
    private readonly Option<string?> _vlans = new(
        "--vlans") { Description = "The VLANs that networks get; 100-199 when not given", HelpName = "LIST" };

    public SwitchAddCommand(CommandHost host)
        : base(host, "add", "Make an Open vSwitch of the daemon's own")
    {
        Add(_name);
        Add(_vlans);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var words = new List<string> { "add", context.Value(_name)! };
        if (context.Value(_vlans) is { } vlans)
        {
            words.Add($"vlans={vlans}");
        }

        var replies = await TreeControl.SendAsync(context, [NetworkArguments.Switches], words);
        await context.Output.TextAsync(string.Concat(replies.Where(reply => reply.IsOk).Select(reply => reply.Target + "\n")), context.Cancellation);
        return TreeControl.Report(context, replies);
    }
}
