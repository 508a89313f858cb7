using System.Diagnostics;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;

namespace Pewter.Node.Tests.Agents;

/// <summary>An agent of this host with a state directory and a name of its own; stopped at the end, and proved to leave nothing.</summary>
internal sealed class HostFixture : IAsyncDisposable
{
    private const int Kill = 9;
    private const int Terminate = 15;

    private static int _count;
    private SpawnedProcess? _guardian;

    public HostFixture()
    {
        Name = $"pw{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
        State = Directory.CreateTempSubdirectory("pw-host-").FullName;
        Start();
    }

    public string Name { get; }

    public string State { get; }

    public string Socket => Path.Combine(State, "agent.sock");

    public int GuardianId => _guardian!.Id;

    public Task<AgentConnection> ConnectAsync() => AgentConnection.OpenAsync(Socket);

    public void Start() => _guardian = ProcessSpawner.Spawn(new SpawnOptions
    {
        Path = AgentProgram.Path,
        Arguments = ["pewter-node", "host", $"--state={State}", $"--name={Name}"],
        Environment = ["PATH=/usr/bin:/bin", "DOTNET_ROOT=/usr/share/dotnet"],
    });

    /// <summary>The agent proper: the guardian's child that serves.</summary>
    public int? WorkerId() => ProcessStat.ReadAll()
        .Where(stat => stat.Parent == GuardianId && IsAgent(stat.Id)).Select(stat => (int?)stat.Id).FirstOrDefault();

    /// <summary>Kills the agent proper and says who it was.</summary>
    public int KillWorker()
    {
        int? worker;
        while ((worker = WorkerId()) is null)
        {
            Thread.Yield();
        }

        ProcessControl.Signal(worker.Value, Kill);
        return worker.Value;
    }

    /// <summary>Kills both.</summary>
    public void KillBoth()
    {
        ProcessControl.Signal(GuardianId, 19);
        var worker = WorkerId();
        ProcessControl.Signal(GuardianId, Kill);
        ProcessControl.Signal(worker ?? 0x3fffff, Kill);
        ProcessWait.Wait(_guardian!.Pidfd);
    }

    /// <summary>Processes of this agent's sessions that are alive anywhere, found by their environment.</summary>
    public List<int> SessionProcesses() =>
    [
        .. ProcessStat.ReadAll()
            .Where(stat => stat.State != 'Z' && EnvironmentOf(stat.Id).Contains($"PEWTER_SESSION=pewter-{Name}/"))
            .Select(stat => stat.Id),
    ];

    public async ValueTask DisposeAsync()
    {
        _guardian!.Pidfd.Signal(Terminate);
        var clock = Stopwatch.StartNew();
        while (ProcessWait.TryWaitFor(GuardianId) is null && clock.Elapsed < TimeSpan.FromSeconds(20))
        {
            await Task.Delay(10);
        }

        _guardian.Pidfd.Dispose();
        Assert.Empty(SessionProcesses());
        var group = Cgroup.Find(CgroupHierarchies.Read(), $"pewter-{Name}");
        Assert.DoesNotContain(group.Directories, Directory.Exists);
        Assert.False(File.Exists(Socket));
        Directory.Delete(State, true);
    }

    private static bool IsAgent(int process) => ReadOrEmpty($"/proc/{process}/cmdline").Contains("\0worker\0");

    private static string EnvironmentOf(int process) => ReadOrEmpty($"/proc/{process}/environ");

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
