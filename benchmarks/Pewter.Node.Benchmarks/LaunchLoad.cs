using System.Diagnostics;
using Pewter.Node.Processes;

namespace Pewter.Node.Benchmarks;

/// <summary>Sessions with captured output and durable exit records, several under way at once.</summary>
internal sealed class LaunchLoad(Tools tools, int atOnce)
{
    public double Run(TimeSpan length)
    {
        var state = Path.Combine(tools.Scratch, "state");
        using var supervisor = ProcessSupervisor.Open(
            new SupervisorOptions
            {
                StateDirectory = state,
                CgroupName = Environment.IsPrivilegedProcess ? $"pwbench{Environment.ProcessId}" : null,
            },
            TimeProvider.System);
        var clock = Stopwatch.StartNew();
        var counts = Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => LoopAsync(supervisor, clock, length))).GetAwaiter().GetResult();
        var rate = counts.Sum() / clock.Elapsed.TotalSeconds;
        supervisor.StopAllAsync(TimeSpan.Zero, CancellationToken.None).GetAwaiter().GetResult();
        return rate;
    }

    private async Task<long> LoopAsync(ProcessSupervisor supervisor, Stopwatch clock, TimeSpan length)
    {
        await Task.Yield();
        var spec = new ProcessSpec { Arguments = [tools.Hello], Environment = ["PATH=/usr/bin:/bin"] };
        var buffer = new byte[4096];
        long count = 0;
        for (; clock.Elapsed < length; count++)
        {
            var session = supervisor.Create();
            session.Start(spec);
            var output = 0;
            using (var reader = session.Stdout.Attach())
            {
                for (int read; (read = await reader.ReadAsync(buffer, CancellationToken.None)) > 0;)
                {
                    output += read;
                }
            }

            var record = await session.Exit;
            if (record.Code != 0 || output != 6)
            {
                throw new InvalidOperationException($"a wrong record: {record.ToJson()}, {output} bytes");
            }

            session.Wipe();
        }

        return count;
    }
}
