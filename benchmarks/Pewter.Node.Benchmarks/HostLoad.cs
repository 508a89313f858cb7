using System.Diagnostics;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;

namespace Pewter.Node.Benchmarks;

/// <summary>An agent of this host under measurement.</summary>
internal sealed class HostLoad : IAsyncDisposable
{
    private readonly string _state;
    private readonly SpawnedProcess _guardian;

    public HostLoad(Tools tools, string agent, string name)
    {
        _state = Path.Combine(tools.Scratch, name);
        _guardian = ProcessSpawner.Spawn(new SpawnOptions
        {
            Path = agent,
            Arguments = ["pewter-node", "host", $"--state={_state}", $"--name=pwb{Environment.ProcessId}-{name}"],
            Environment = ["PATH=/usr/bin:/bin"],
        });
    }

    public string Socket => Path.Combine(_state, "agent.sock");

    /// <summary>Resident megabytes of the agent proper and of its guardian.</summary>
    public (double Agent, double Guardian) Resident()
    {
        var worker = ProcessStat.ReadAll().First(stat => stat.Parent == _guardian.Id).Id;
        return (CellLoad.ResidentMegabytes(worker), CellLoad.ResidentMegabytes(_guardian.Id));
    }

    /// <summary>Bytes a second from a program of one agent to a program of another.</summary>
    public static async Task<double> SpliceAsync(string ceiling, HostLoad from, HostLoad to, long bytes)
    {
        await using var source = await AgentClient.OpenAsync(from.Socket);
        await using var target = await AgentClient.OpenAsync(to.Socket);
        var clock = Stopwatch.StartNew();
        var session = await source.RunAsync("output keep", $"exec {ceiling} write {bytes}");
        var sink = await target.RunAsync($"exec {ceiling} read", $"splice unix!{from.Socket}!{session}");
        var output = await target.ReadAsync($"{sink}/stdout");
        var rate = bytes / clock.Elapsed.TotalSeconds;
        return output.Trim() == $"{bytes}" ? rate : throw new InvalidOperationException($"{output.Trim()} of {bytes} bytes arrived");
    }

    public async ValueTask DisposeAsync()
    {
        _guardian.Pidfd.Signal(15);
        while (ProcessWait.TryWaitFor(_guardian.Id) is null)
        {
            await Task.Delay(5);
        }

        _guardian.Pidfd.Dispose();
    }
}
