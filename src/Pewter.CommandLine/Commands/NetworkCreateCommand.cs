using System.CommandLine;
using System.Globalization;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter net create</c>: prints the new network.</summary>
internal sealed class NetworkCreateCommand : PewterCommand
{
    private static readonly Table<CommandReply> Table = new Table<CommandReply>(reply => reply.Target)
        .Text("net", reply => reply.Text("id"))
        .Text("name", reply => reply.Text("name"))
        .Text("state", reply => reply.Text("state"))
        .Text("cidr", reply => reply.Text("cidr"))
        .Text("gateway", reply => reply.Text("gateway"))
        .Text("domain", reply => reply.Text("domain"));

    private readonly Argument<string?> _name = new("NAME") { Description = "A name to find it by", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _cidr = new(
        "--cidr") { Description = "Its addresses, such as 10.42.0.0/24; a free range when not given", HelpName = "RANGE" };
    private readonly Option<string?> _range = new("--range") { Description = "The part of them that members get", HelpName = "FIRST-LAST" };
    private readonly Option<string?> _gateway = new(
        "--gateway") { Description = "The segment's own address; the first one when not given", HelpName = "ADDRESS" };
    private readonly Option<string?> _domain = new("--domain") { Description = "The domain of its members' names; NAME.pewter when not given" };
    private readonly Option<string?> _switch = new(
        "--switch") { Description = "The switch that it is a VLAN of; a bridge of its own when not given" };
    private readonly Option<int?> _vlan = new("--vlan") { Description = "Its VLAN on the switch; a free one when not given", HelpName = "N" };
    private readonly Option<bool> _tunnel = new("--qinq") { Description = "Carry what members tag inside of its VLAN (802.1ad)" };
    private readonly Option<int?> _vni = new("--vni") { Description = "Reach other machines by VXLAN with this identifier", HelpName = "N" };
    private readonly Option<string?> _local = new("--local") { Description = "This machine's address for --vni", HelpName = "ADDRESS" };
    private readonly Option<string[]> _remote = new("--remote") { Description = "Another machine's address for --vni", HelpName = "ADDRESS" };
    private readonly Option<string[]> _forward = new(
        "--forward") { Description = "Pass questions about other names on to this server", HelpName = "ADDRESS" };
    private readonly Option<string?> _lease = new("--lease") { Description = "Take it away after this time unless it is renewed", HelpName = "TIME" };
    private readonly Option<bool> _dryRun = TreeArguments.DryRun();

    public NetworkCreateCommand(CommandHost host)
        : base(host, "create", "Make an isolated network")
    {
        Add(_name);
        foreach (var option in (Option[])[_cidr, _range, _gateway, _domain, _switch, _vlan, _tunnel, _vni, _local, _remote, _forward, _lease,
            _dryRun])
        {
            Add(option);
        }
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var words = Words(context);
        if (context.Value(_dryRun))
        {
            context.Say($"would write to {NetworkArguments.Root}/ctl: {RcQuoting.Join(words)}");
            return ExitCode.Ok;
        }

        var replies = await TreeControl.SendAsync(context, [NetworkArguments.Root], words);
        var code = TreeControl.Report(context, replies);
        await context.Output.ListAsync(Table, replies.Where(reply => reply.IsOk), context.Cancellation);
        return code;
    }

    private List<string> Words(CommandContext context)
    {
        string? Number(Option<int?> option) => context.Value(option)?.ToString(CultureInfo.InvariantCulture);
        string? Joined(Option<string[]> option) => context.Value(option) is { Length: > 0 } words ? string.Join(',', words) : null;
        var words = new List<string> { "create" };
        foreach (var (key, value) in (ReadOnlySpan<(string, string?)>)
            [("name", context.Value(_name)), ("cidr", context.Value(_cidr)), ("range", context.Value(_range)), ("gateway", context.Value(_gateway)),
            ("domain", context.Value(_domain)), ("switch", context.Value(_switch)), ("vlan", Number(_vlan)),
                ("qinq", context.Value(_tunnel) ? "yes" : null),
            ("vni", Number(_vni)), ("local", context.Value(_local)), ("remote", Joined(_remote)), ("forward", Joined(_forward)),
            ("lease", context.Value(_lease))])
        {
            if (value is not null)
            {
                words.Add($"{key}={value}");
            }
        }

        return words;
    }
}
