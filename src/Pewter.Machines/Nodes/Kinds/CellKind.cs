using System.Globalization;
using Pewter.Hosting.Ledger;
using Pewter.Linux;
using Pewter.Linux.Cells;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Machines.Nodes.Kinds;

/// <summary>
/// Nodes made of namespaces, a cgroup and an overlay over a directory, with an agent as process 1: ready in milliseconds. All that a cell
/// holds goes when its process 1 does, but for the cgroup and the socket.
/// </summary>
public sealed class CellKind : INodeKind, IDisposable
{
    private const string Process = "process";
    private const string Ticks = "ticks";
    private const int DefaultProcesses = 512;

    // Where a cell sees its owner's files of this machine, and the key that tells so.
    private const string Files = "files";
    private const string FilesInside = "/run/files";

    // Above what user databases, systemd and containers give out by default (0x6FFFFFFF is their last), below what the kernel reserves.
    private const uint FirstUser = 0x7000_0000;
    private const long UserRanges = 4096;

    private readonly NodePlace _place;
    private readonly CellCards _cards;

    /// <summary>Creates the kind.</summary>
    public CellKind(NodePlace place)
    {
        _place = place;
        _cards = new CellCards(place);
        Steps = [_cards.Step(), new("cell", LaunchAsync, DestroyAsync) { Makes = Resources }];
    }

    /// <inheritdoc/>
    public string Name => "cell";

    /// <inheritdoc/>
    public string Options => "[net=word]";

    /// <summary>Starts are bound by the processor, not by waiting.</summary>
    public int Parallel => Environment.ProcessorCount + 1;

    /// <inheritdoc/>
    public bool TakesDescriptors => true;

    /// <inheritdoc/>
    public IReadOnlyList<NodeStep> Steps { get; }

    /// <inheritdoc/>
    public NodeSpec Check(NodeSpec spec, Caller caller)
    {
        const double LeastCpus = 0.01;
        const long LeastMemory = 16 << 20;
        const int LeastProcesses = 16;
        var strange = spec.Options.Keys.Where(key => key != "net").ToList();
        Demand(strange.Count == 0, $"a cell has no {string.Join(", ", strange)}");
        Demand(spec.Cpus is null or (>= LeastCpus and <= 4096), $"cpu is a number of CPUs from {LeastCpus} on");
        Demand(spec.MemoryBytes is null or >= LeastMemory, "a cell needs 16Mi of memory at least");
        Demand(spec.Processes is null or >= LeastProcesses, $"a cell needs {LeastProcesses} pids at least, its agent's threads among them");
        if (spec.Root is not null && spec.Root != "/")
        {
            // Process 1 of a cell looks at the directory as root does.
            Demand(caller.IsAdmin, "only an administrator may name another root", Errno.EPERM);
            Demand(spec.Root.StartsWith('/') && Directory.Exists(spec.Root), $"root is a directory that is there, not '{spec.Root}'");
            Demand(spec.Root.AsSpan().IndexOfAny(",:\\") < 0, "the path of the root has no ',', ':' or '\\'");
        }

        return spec with { Processes = spec.Processes ?? DefaultProcesses, Root = spec.Root ?? "/" };
    }

    /// <inheritdoc/>
    public async ValueTask<NodeSpec> ResolveAsync(NodeSpec spec, Caller caller, CancellationToken cancellation)
    {
        await _cards.DemandAsync(spec, caller, cancellation);
        return spec;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> AdoptAsync(NodeWork work, CancellationToken cancellation)
    {
        using var cell = await FindAsync(work.Record, cancellation);
        return cell is not null;
    }

    /// <inheritdoc/>
    public bool IsAlive(NodeRecord record) =>
        ProcessStat.Read(Number(record, Process)) is { State: not ('Z' or 'X') } stat && stat.StartTicks == Number(record, Ticks);

    /// <inheritdoc/>
    public string AgentSocket(NodeRecord record) => _place.Socket(record);

    /// <inheritdoc/>
    public ValueTask<NodeFacts> DescribeAsync(Node node, CancellationToken cancellation)
    {
        var (spec, machine, was) = (node.Record.Spec, MachineFacts.Read(), node.Facts);
        var usage = CgroupUsage.Read(CgroupHierarchies.Read(), CgroupName(node.Record));
        var load = was is { SeenAt: { } at, CpuTime: { } cpu } && usage.CpuTime is { } now
            ? (now - cpu) / _place.Time.GetElapsedTime(at)
            : (double?)null;
        return new(machine with
        {
            Cpus = Math.Min(spec.Cpus ?? double.MaxValue, machine.Cpus!.Value),
            MemoryBytes = Math.Min(spec.MemoryBytes ?? long.MaxValue, machine.MemoryBytes!.Value),
            UsedBytes = usage.MemoryBytes,
            CpuTime = usage.CpuTime,
            Processes = usage.Processes,
            Load = load is >= 0 and <= 4096 ? load : 0,
        });
    }

    /// <summary>Takes away the cgroup that the cells stand in, if none is left; called when nothing is being allocated any more.</summary>
    public void Dispose()
    {
        using var parent = Cgroup.Find(CgroupHierarchies.Read(), CgroupParent);
        parent.Delete();
    }

    private static void Demand(bool condition, string sentence, Errno errno = Errno.EINVAL)
    {
        if (!condition)
        {
            throw new FileException(errno, $"No such cell: {sentence}.");
        }
    }

    private static int Number(NodeRecord record, string key) =>
        record.Handle.TryGetValue(key, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;

    // An administrator's cell is root's. Anybody else's root is nobody on the machine, and its owner is itself.
    private static UserNamespaceMap MapFor(NodeRecord record) => record.Owner.User == Owner.System.User
        ? UserNamespaceMap.Identity
        : UserNamespaceMap.Of(FirstUser + ((uint)(record.Number % UserRanges) * UserNamespaceMap.Count), record.Owner.Uid, record.Owner.Gid);

    private string CgroupName(NodeRecord record) => $"{CgroupParent}/{record.Id}";

    private string CgroupParent => $"{_place.Tag}-cells";

    private IEnumerable<KernelResource> Resources(NodeRecord record) =>
    [
        new(KernelResourceKind.Cgroup, CgroupName(record), Name),
        new(KernelResourceKind.File, _place.Socket(record), Name),
        .. CellCards.Networks(record.Spec).Take(1).Select(_ => new KernelResource(KernelResourceKind.File, ResolverFile(record), Name)),
    ];

    private async ValueTask LaunchAsync(NodeWork work, CancellationToken cancellation)
    {
        var (record, spec) = (work.Record, work.Spec);
        var plan = new CellSpec
        {
            Name = record.Id,
            AgentPath = _place.AgentPath,
            SocketPath = _place.Socket(record),
            CgroupParent = CgroupParent,
            Root = spec.Root!,
            UserMap = MapFor(record),
            Limits = new CgroupLimits { Cpus = spec.Cpus, MemoryBytes = spec.MemoryBytes, Processes = spec.Processes },
            Binds = [new CellBind(_place.FilesOf(record.Owner.User), FilesInside, ReadOnly: true), .. ResolverBind(work)],
        };
        using var cell = await Task.Run(() => CellLauncher.Launch(plan), cancellation);
        work[Process] = cell.ProcessId.ToString(CultureInfo.InvariantCulture);
        work[Files] = FilesInside;
        work[Ticks] = cell.StartTicks.ToString(CultureInfo.InvariantCulture);
        work.Note($"process {cell.ProcessId}, cgroup {cell.CgroupName}, socket {cell.SocketPath}, root {plan.Root}");
        CellCards.Plug(work, cell.ProcessId);
    }

    // A link would lead out of the cell's root while it is being built; then its own configuration stays.
    private IEnumerable<CellBind> ResolverBind(NodeWork work)
    {
        const string Inside = "/etc/resolv.conf";
        if (CellCards.Resolver(work) is not { } text || new FileInfo(work.Spec.Root!.TrimEnd('/') + Inside).LinkTarget is not null)
        {
            yield break;
        }

        File.WriteAllText(ResolverFile(work.Record), text);
        yield return new CellBind(ResolverFile(work.Record), Inside, ReadOnly: true);
    }

    private string ResolverFile(NodeRecord record) => _place.Socket(record) + ".resolv";

    private async ValueTask DestroyAsync(NodeWork work, CancellationToken cancellation)
    {
        if (await FindAsync(work.Record, cancellation) is { } cell)
        {
            await cell.DestroyAsync(_place.Time, cancellation);
        }

        File.Delete(ResolverFile(work.Record));
    }

    /// <summary>Finds the cell; when it is gone what may be left of it is taken away.</summary>
    private async ValueTask<Cell?> FindAsync(NodeRecord record, CancellationToken cancellation)
    {
        var process = Number(record, Process);
        Bury(process, Number(record, Ticks));
        return await Cell.FindAsync(
            record.Id, CgroupName(record), _place.Socket(record), process, Number(record, Ticks), _place.Time, cancellation);
    }

    /// <summary>A process 1 that ended by itself waits for its parent, if that is this daemon, to take note.</summary>
    private static void Bury(int process, long ticks)
    {
        if (process > 0 && ProcessStat.Read(process) is { State: 'Z' } stat && stat.StartTicks == ticks)
        {
            try
            {
                using var pidfd = Pidfd.Open(process);
                ProcessWait.TryWait(pidfd.Number());
            }
            catch (LinuxException notOurs) when (notOurs.Errno is LinuxErrno.ECHILD or LinuxErrno.ESRCH)
            {
                // Its parent is another, and takes care of it.
            }
        }
    }
}
