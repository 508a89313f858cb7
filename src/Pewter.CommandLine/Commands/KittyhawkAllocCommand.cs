using System.CommandLine;
using System.Globalization;
using System.Text;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary>
/// <c>pewter kh alloc NETWORK IMG [CONFIG]</c>: virtual machines on a network, all or none; prints Kittyhawk's lines for each. Unlike Kittyhawk's, a
/// test run takes nothing.
/// </summary>
internal sealed class KittyhawkAllocCommand : PewterCommand
{
    private readonly Argument<string> _network = new("NETWORK") { Description = "The number of a network" };
    private readonly Argument<string> _image = new("IMG") { Description = "A kernel's file, or the name of an image" };
    private readonly Argument<string?> _config = new("CONFIG") { Description = "The kernel's initrd", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<int> _ram = new("--ram") { Description = "Gigabytes of memory", HelpName = "N", DefaultValueFactory = _ => 2 };
    private readonly Option<int> _cpu = new("--cpu") { Description = "Processors", HelpName = "N", DefaultValueFactory = _ => 2 };
    private readonly Option<string?> _pin = new("--pin") { Description = "Processors of the host, such as 1-2,11", HelpName = "LIST" };
    private readonly Option<int?> _numa = new("--numa") { Description = "NUMA nodes that all is divided over", HelpName = "N" };
    private readonly Option<string?> _append = new("--cmd") { Description = "More words for the kernel", HelpName = "WORDS" };
    private readonly Option<bool> _disk = new("--diskimg") { Description = "IMG is booted by its disk; CONFIG is ignored" };
    private readonly Option<bool> _gdb = new("-g") { Description = "Listen for gdb" };
    private readonly Option<bool> _signal = new("-s") { Description = "Return when the machines have ended" };
    private readonly Option<int> _count = new("-n") { Description = "How many", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<bool> _test = new("-t") { Description = "Say what would be done, and take nothing" };

    public KittyhawkAllocCommand(CommandHost host)
        : base(host, "alloc", "Allocate virtual machines on a network")
    {
        Add(_network);
        Add(_image);
        Add(_config);
        foreach (var option in (Option[])[_ram, _cpu, _pin, _numa, _append, _disk, _gdb, _signal, _count, _test])
        {
            Add(option);
        }
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var word = context.Value(_network)!;
        var path = Kittyhawk.Network(word);
        var network = NodeTable.Text(await Kittyhawk.ReadAsync(context, path, "network", word), "id");
        var words = Words(context, network);
        if (context.Value(_test))
        {
            await context.Output.TextAsync($"{RcQuoting.Join(words)}\nTEST RUN: QEMU instance was not allocated\n", context.Cancellation);
            return ExitCode.Ok;
        }

        var nodes = await Kittyhawk.TellAsync(context, NodeArguments.Root, [.. words]);
        if (await NodeWait.UntilReadyAsync(context, nodes) != ExitCode.Ok)
        {
            return ExitCode.Failed;
        }

        var members = await Kittyhawk.MembersAsync(context, path);
        foreach (var node in nodes.Select(reply => reply.Text("id")))
        {
            var card = members.First(member => member["node"] == node && member["nic"] == "eth0");
            await context.Output.TextAsync(Lines(context, node, card), context.Cancellation);
        }

        if (context.Value(_signal))
        {
            await UntilEndAsync(context, nodes);
        }

        return ExitCode.Ok;
    }

    private List<string> Words(CommandContext context, string network)
    {
        var (image, config) = (context.Value(_image)!, context.Value(_config));
        var words = new List<string>
        {
            "alloc", Number("n", context.Value(_count)), "kind=vm", Number("cpu", context.Value(_cpu)),
                $"{Number("mem", context.Value(_ram))}Gi", $"net={network}",
        };
        foreach (var file in new[] { image.Contains('/', StringComparison.Ordinal) ? image : null,
            context.Value(_disk) ? null : config }.OfType<string>())
        {
            if (!File.Exists(file))
            {
                throw new CommandException($"Error: file {file} not found");
            }
        }

        words.Add(image.Contains('/', StringComparison.Ordinal) ? $"kernel={Path.GetFullPath(image)}" : $"image={image}");
        if (config is not null && !context.Value(_disk))
        {
            words.Add($"initrd={Path.GetFullPath(config)}");
        }

        Option(words, "boot", context.Value(_disk) ? "disk" : null);
        Option(words, "pin", context.Value(_pin));
        Option(words, "numa", context.Value(_numa)?.ToString(CultureInfo.InvariantCulture));
        Option(words, "append", context.Value(_append));
        Option(words, "gdb", context.Value(_gdb) ? "on" : null);
        return words;
    }

    private string Lines(CommandContext context, string node, IReadOnlyDictionary<string, string> card)
    {
        var lines = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Kittyhawk.Number(node)}\n");
        if (context.Value(_gdb))
        {
            lines.Append(CultureInfo.InvariantCulture, $"gdb: /node/{node}/gdb\n");
        }

        // Output, messages, the end and the command: what Kittyhawk kept in files of its own is read here.
        return lines.Append(CultureInfo.InvariantCulture, $"{card["mac"]}\ntap: {card["port"]}\n/node/{node}/console\n/node/{node}/log\n")
            .Append(CultureInfo.InvariantCulture, $"/node/{node}/wait\n/node/{node}/json\n").ToString();
    }

    private static async Task UntilEndAsync(CommandContext context, IReadOnlyList<CommandReply> nodes)
    {
        var tree = await context.ConnectAsync();
        await Parallel.ForEachAsync(nodes, context.Cancellation, async (node, cancellation) =>
        {
            await using var wait = await tree.OpenAsync(node.Target + "/wait", OpenFlags.ReadOnly, cancellation);
            await wait.ReadLineAsync(cancellation);
        });
    }

    private static string Number(string key, int value) => string.Create(CultureInfo.InvariantCulture, $"{key}={value}");

    private static void Option(List<string> words, string key, string? value)
    {
        if (value is not null)
        {
            words.Add($"{key}={value}");
        }
    }
}
