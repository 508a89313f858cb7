using System.Globalization;
using Pewter.Sdk;

namespace Pewter.CommandLine.Demo;

/// <summary>The nodes of a demonstration, and how its program is run on them.</summary>
internal sealed class DemoNodes(PewterClient client, string kind)
{
    /// <summary>What all of them are found by, and their network's name.</summary>
    public const string Label = "demo";

    // What a machine with nothing but busybox can do: the same points as the worker of this program, at another speed.
    // Each begins from random numbers of its own, which a fork has.
    private const string Script = """
        awk -v n="$1" -v s="$(od -An -N4 -tu4 /dev/urandom)" 'BEGIN {
          srand(s)
          for (; n > 0; n -= k) {
            k = n < 50000 ? n : 50000; h = 0
            for (i = 0; i < k; i++) { x = rand(); y = rand(); if (x * x + y * y < 1) h++ }
            print k, h
          }
        }'
        """;

    /// <summary>
    /// Whether they are machines of their own, which have nothing of this one but what is sent to them.
    /// </summary>
    public bool AreMachines => kind == "vm";

    /// <summary>
    /// Points that are thrown in some ten seconds: without hardware virtualisation a machine is twenty times slower.
    /// </summary>
    public long Points => AreMachines ? 200_000_000 : 4_000_000_000;

    /// <summary>
    /// Makes them. Of machines one boots, on a network of their own, gets the program, and is forked.
    /// </summary>
    public async ValueTask<IReadOnlyList<NodeInfo>> AllocateAsync(CommandContext context, int count)
    {
        if (!AreMachines)
        {
            return await client.Nodes.AllocateAsync(new NodeRequest { Count = count, Kind = kind, Labels = [Label] }, context.Cancellation);
        }

        await client.Tree.CommandAsync("/net/ctl", ["create", $"name={Label}"], context.Cancellation);
        var (time, start) = (context.Host.Time, context.Host.Time.GetTimestamp());
        var wish = new NodeRequest { Kind = kind, Labels = [Label], Options = [$"net={Label}"] };
        var first = (await client.Nodes.AllocateAsync(wish, context.Cancellation))[0];
        await client.Nodes.WaitReadyAsync(first, context.Cancellation);
        context.Say(string.Create(CultureInfo.InvariantCulture, $"a machine booted in {time.GetElapsedTime(start).TotalSeconds:0.0} s"));
        if (count > 1)
        {
            start = time.GetTimestamp();
            await client.Nodes.ForkAsync(first, count - 1, context.Cancellation);
            var took = time.GetElapsedTime(start).TotalSeconds;
            context.Say(string.Create(
                CultureInfo.InvariantCulture, $"{count - 1} forks of it in {took:0.00} s"));
        }

        return await client.Nodes.ListAsync(Label, context.Cancellation);
    }

    /// <summary>What each of them runs.</summary>
    public SpawnSpec Worker(long points)
    {
        var count = points.ToString(CultureInfo.InvariantCulture);
        var spec = AreMachines ? new SpawnSpec("sh", "-c", Script, "pi", count) : ThisProgram("demo-worker", count);
        return spec with { Query = Label, KeepOutput = true, Job = Label };
    }

    /// <summary>Takes them away, and their network.</summary>
    public async ValueTask ReleaseAsync()
    {
        await client.Nodes.ReleaseAsync(await client.Nodes.ListAsync(Label));
        if (AreMachines)
        {
            await client.Tree.CommandAsync($"/net/{Label}/ctl", ["rm"]);
        }
    }

    // Brought to the cells, since a cell has its own /tmp, /run and /var, where this program may lie.
    private static SpawnSpec ThisProgram(params string[] arguments)
    {
        var program = Environment.ProcessPath ?? throw new CommandException("this program does not know where it lies.");
        var isOneFile = !File.Exists(Path.ChangeExtension(program, ".dll"));
        return new SpawnSpec($"./{Path.GetFileName(program)}", arguments)
        {
            Files = isOneFile ? [program] : Directory.GetFiles(AppContext.BaseDirectory),
        };
    }
}
