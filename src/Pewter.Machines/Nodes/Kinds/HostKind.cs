using System.Globalization;
using Pewter.Hosting.Ledger;
using Pewter.Linux;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Machines.Nodes.Kinds;

/// <summary>
/// This machine itself. Its agent is a daemon of its own in a session and a cgroup of its own, started when it is not running; it outlives
/// this daemon with all that it runs.
/// </summary>
public sealed class HostKind : INodeKind
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "host";

    private const string Process = "process";
    private const string Ticks = "ticks";
    private const int OpenReadWrite = 2;
    private const int Kill = 9;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    private readonly NodePlace _place;

    /// <summary>Creates the kind.</summary>
    public HostKind(NodePlace place)
    {
        _place = place;
        Steps = [new("agent", StartAsync, StopAsync) { Makes = Resources }];
    }

    /// <inheritdoc/>
    public string Name => KindName;

    /// <inheritdoc/>
    public int Parallel => 1;

    /// <inheritdoc/>
    public bool RestartsLost => true;

    /// <inheritdoc/>
    public bool TakesDescriptors => true;

    /// <inheritdoc/>
    public IReadOnlyList<NodeStep> Steps { get; }

    private string Directory => Path.Combine(_place.StateDirectory, "host");

    // Where agent and guardian are; the cgroups of what they run are those of the agent's own name.
    private string AgentCgroup => $"{_place.Tag}-agent";

    /// <inheritdoc/>
    public NodeSpec Check(NodeSpec spec, Caller caller) => throw new FileException(
        Errno.EPERM, "The host is this machine itself: it is always there. Allocate nodes of another kind.");

    /// <inheritdoc/>
    public ValueTask<bool> AdoptAsync(NodeWork work, CancellationToken cancellation) => new(IsAlive(work.Record));

    /// <inheritdoc/>
    public bool IsAlive(NodeRecord record) =>
        ProcessStat.Read((int)Number(record, Process)) is { State: not ('Z' or 'X') } stat && stat.StartTicks == Number(record, Ticks);

    /// <inheritdoc/>
    public string AgentSocket(NodeRecord record) => Socket;

    /// <inheritdoc/>
    public ValueTask<NodeFacts> DescribeAsync(Node node, CancellationToken cancellation) => new(MachineFacts.Read());

    private string Socket => Path.Combine(_place.RunDirectory, "host.sock");

    private static long Number(NodeRecord record, string key) =>
        record.Handle.TryGetValue(key, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private IEnumerable<KernelResource> Resources(NodeRecord record) =>
    [
        new(KernelResourceKind.Cgroup, AgentCgroup, Name),
        new(KernelResourceKind.Cgroup, _place.Tag, Name),
        new(KernelResourceKind.Cgroup, $"{_place.Tag}-cells", Name),
        new(KernelResourceKind.File, Socket, Name),
    ];

    private async ValueTask StartAsync(NodeWork work, CancellationToken cancellation)
    {
        System.IO.Directory.CreateDirectory(Directory);
        var agent = await Task.Run(Spawn, cancellation);
        using (agent.Pidfd)
        {
            var ticks = ProcessStat.Read(agent.Id)?.StartTicks ?? 0;
            work[Process] = agent.Id.ToString(CultureInfo.InvariantCulture);
            work[Ticks] = ticks.ToString(CultureInfo.InvariantCulture);
            work.Own(new KernelResource(KernelResourceKind.Process, work[Process]!, Name, work[Ticks]!));
            work.Note($"process {agent.Id}, socket {Socket}, state and log in {Directory}");
            await work.Node.Agent.AnswerAsync(Socket, AnswerTimeout, cancellation);
        }
    }

    private SpawnedProcess Spawn()
    {
        using var nothing = Descriptors.Own(Descriptors.Open("/dev/null", OpenReadWrite));
        using var log = File.OpenHandle(Path.Combine(Directory, "agent.log"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        using var cgroup = CreateCgroup();
        return ProcessSpawner.Spawn(new SpawnOptions
        {
            Path = _place.AgentPath,
            Arguments = ["pewter-node", "host", $"--state={Directory}", $"--socket={Socket}", $"--name={_place.Tag["pewter-".Length..]}"],
            Environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8"],
            WorkingDirectory = "/",
            NewSession = true,
            Descriptors = [new(nothing.Number(), 0), new(nothing.Number(), 1), new(log.Number(), 2)],
            UnifiedCgroup = cgroup?.UnifiedHandle,
            JoinCgroups = cgroup?.Joins ?? [],
        });
    }

    private Cgroup? CreateCgroup()
    {
        var hierarchies = CgroupHierarchies.Read();
        return Environment.IsPrivilegedProcess
            ? Cgroup.Create(hierarchies, AgentCgroup, CgroupLimits.None, hierarchies.Version1.Keys.Intersect(["pids"]))
            : null;
    }

    private async ValueTask StopAsync(NodeWork work, CancellationToken cancellation)
    {
        // An agent that is asked to stop ends what it runs; so it is not asked, and the next one adopts that.
        if (IsAlive(work.Record))
        {
            ProcessControl.Signal((int)Number(work.Record, Process), Kill);
        }

        var hierarchies = CgroupHierarchies.Read();
        using var cgroup = Cgroup.Find(hierarchies, AgentCgroup);
        for (var tries = 0; !IsRemoved(cgroup) && tries < 200; tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), _place.Time, cancellation);
        }

        Bury((int)Number(work.Record, Process));
        File.Delete(Socket);
    }

    private static bool IsRemoved(Cgroup cgroup)
    {
        cgroup.KillTree();
        return cgroup.DeleteTree();
    }

    private static void Bury(int process)
    {
        try
        {
            if (process > 0)
            {
                using var pidfd = Pidfd.Open(process);
                ProcessWait.TryWait(pidfd.Number());
            }
        }
        catch (LinuxException notOurs) when (notOurs.Errno is LinuxErrno.ECHILD or LinuxErrno.ESRCH)
        {
            // It was another's child, or nobody's any more.
        }
    }
}
