using System.Diagnostics;

namespace Pewter.Machines.Benchmarks;

/// <summary>From nothing to the first output of a program in a new cell, beside unshare(1) with the same namespaces and no control at all.</summary>
internal static class FirstOutput
{
    private static readonly string[] Unshare = ["--mount", "--pid", "--fork", "--net", "--uts", "--ipc", "--cgroup", "--user", "/bin/echo", "hello"];

    public static async Task RunAsync(Machine machine, int runs)
    {
        var (cells, bare) = (new List<double>(), new List<double>());
        for (var i = 0; i < runs + 3; i++)
        {
            var ours = await CellAsync(machine);
            var theirs = BareNamespaces();
            if (i >= 3)
            {
                cells.Add(ours);
                bare.Add(theirs);
            }
        }

        Row.Print(
            "machines.cell.first_output", Row.Median(cells), "ms", "unshare(1)", Row.Median(bare), 30,
            "p50; ours is durable, limited, spoken to over 9P, and outlives the daemon");
    }

    private static async Task<double> CellAsync(Machine machine)
    {
        var start = Stopwatch.GetTimestamp();
        var node = (await machine.Tree.CommandAsync("/node/ctl", ["alloc"]))[0].Target;
        var (id, ctl) = await machine.Tree.CloneAsync(node + "/proc");
        await ctl.TryCommandAsync("exec /bin/echo hello");
        await using var output = await machine.Tree.OpenAsync($"{node}/proc/{id}/stdout");
        var text = await output.ReadTextAsync();
        var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (text != "hello\n")
        {
            throw new InvalidOperationException($"The cell said '{text}'.");
        }

        await ctl.DisposeAsync();
        await machine.Tree.CommandAsync(node + "/ctl", ["release"]);
        return took;
    }

    private static double BareNamespaces()
    {
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo("unshare", Unshare) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.StandardOutput.ReadLine();
        var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        process.WaitForExit();
        return took;
    }
}
