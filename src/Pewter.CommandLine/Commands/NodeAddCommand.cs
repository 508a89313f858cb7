using System.CommandLine;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary>
/// <c>pewter node add</c>: makes a physical machine known by its BMC, so that <c>node alloc --kind metal</c> can get it. The secret never stands
/// on the command line.
/// </summary>
internal sealed class NodeAddCommand : PewterCommand
{
    private const string Inventory = "/metal";
    private const string SecretVariable = "PEWTER_BMC_SECRET";

    private static readonly Table<CommandReply> Table = new Table<CommandReply>(reply => reply.Target)
        .Text("machine", reply => reply.Text("id"));

    private readonly Argument<string> _name = new("NAME") { Description = "A name to find the machine by" };
    private readonly Option<string> _bmc = new("--bmc")
    {
        Description = "Its BMC: ipmi://[USER@]HOST[:PORT] or redfish://[USER@]HOST[:PORT][/PATH]", HelpName = "URL", Required = true,
    };

    private readonly Option<string[]> _macs = new("--mac")
    {
        Description = "The hardware address of a network card, in their order", HelpName = "MAC",
    };

    private readonly Option<string?> _cable = new("--cable") { Description = "What its cards are wired to: wire, or tap when it is emulated here" };
    private readonly Option<string?> _cpu = new("--cpu") { Description = "Its CPUs, where the BMC does not tell", HelpName = "N" };
    private readonly Option<string?> _memory = new("--mem") { Description = "Its memory, where the BMC does not tell", HelpName = "SIZE" };
    private readonly Option<string?> _secret = new("--secret-file")
    {
        Description = $"A file with USER:PASSWORD of the BMC; else ${SecretVariable}", HelpName = "FILE",
    };

    private readonly Option<bool> _dryRun = TreeArguments.DryRun();

    public NodeAddCommand(CommandHost host)
        : base(host, "add", "Make a physical machine known by its BMC")
    {
        Add(_name);
        foreach (var option in (Option[])[_bmc, _macs, _cable, _cpu, _memory, _secret, _dryRun])
        {
            Add(option);
        }
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var secret = Secret(context);
        var words = Words(context);
        if (context.Value(_dryRun))
        {
            context.Say($"would write to {Inventory}/ctl: {RcQuoting.Join(words)}");
            return ExitCode.Ok;
        }

        var replies = await TreeControl.SendAsync(context, [Inventory], words);
        var code = TreeControl.Report(context, replies);
        if (code != ExitCode.Ok)
        {
            return code;
        }

        await context.Output.ListAsync(Table, replies, context.Cancellation);
        var tree = await context.ConnectAsync();
        await tree.WriteTextAsync(TreePath.Child(replies[0].Target, "secret"), secret + "\n", context.Cancellation);
        return TreeControl.Report(context, await TreeControl.SendAsync(context, [replies[0].Target], ["inspect"]));
    }

    private string Secret(CommandContext context)
    {
        if (context.Value(_secret) is not { } file)
        {
            return context.Host.Variable(SecretVariable) is { Length: > 0 } variable ? variable
                : throw new CommandException($"the BMC needs a secret: --secret-file FILE with USER:PASSWORD, or ${SecretVariable}.", ExitCode.Usage);
        }

        try
        {
            return File.ReadAllText(file).TrimEnd('\n', '\r');
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"the secret cannot be read: {failure.Message}");
        }
    }

    private List<string> Words(CommandContext context)
    {
        var words = new List<string> { "add", context.Value(_name)!, context.Value(_bmc)! };
        var macs = context.Value(_macs) is { Length: > 0 } all ? string.Join(',', all) : null;
        foreach (var (key, value) in (ReadOnlySpan<(string, string?)>)
            [("mac", macs), ("cable", context.Value(_cable)), ("cpu", context.Value(_cpu)), ("mem", context.Value(_memory))])
        {
            words.AddRange(value is null ? [] : [$"{key}={value}"]);
        }

        return words;
    }
}
