using System.Globalization;
using Pewter.Hosting;
using Pewter.Machines.Nodes;
using Pewter.Machines.Nodes.Kinds;
using Pewter.Machines.Qemu;
using Pewter.NineP;

namespace Pewter.Machines.Vms;

/// <summary>Where the virtual machines of one daemon are: programs, sockets, memory, cgroups. Immutable.</summary>
internal sealed class VmPlace
{
    private const string Program = "qemu-system-x86_64";
    private const string MemoryRoot = "/dev/shm";

    private readonly NodePlace _nodes;
    private readonly Lazy<Task<Accelerator>> _accelerator;

    public VmPlace(NodePlace nodes, ServiceContext context, NodeServiceOptions options)
    {
        (_nodes, Context, Options) = (nodes, context, options);
        MemoryDirectory = Path.Combine(Directory.Exists(MemoryRoot) ? MemoryRoot : nodes.RunDirectory, Tag);
        _accelerator = new(FindAcceleratorAsync);
    }

    public ServiceContext Context { get; }

    public NodeServiceOptions Options { get; }

    public TimeProvider Time => _nodes.Time;

    public string Tag => _nodes.Tag;

    public string AgentPath => _nodes.AgentPath;

    /// <summary>The cgroup that all of them stand in, one below for each.</summary>
    public string CgroupParent => $"{Tag}-vms";

    /// <summary>A directory in memory, for what guests' memory is copied from.</summary>
    public string MemoryDirectory { get; }

    /// <summary>QEMU.</summary>
    /// <exception cref="FileException">ENOENT: it is not installed.</exception>
    public static string QemuPath => (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin").Split(':')
        .Select(directory => Path.Combine(directory, Program)).FirstOrDefault(File.Exists)
        ?? throw new FileException(Errno.ENOENT, $"{Program} is not there; 'apt-get install -y qemu-system-x86' brings it.");

    /// <summary>The best that has been proven to run a guest here; found out once.</summary>
    public Task<Accelerator> AcceleratorAsync() => _accelerator.Value;

    public string Cgroup(NodeRecord record) => $"{CgroupParent}/{record.Id}";

    public VmFiles Files(NodeRecord record) => new(Path.Combine(_nodes.RunDirectory, record.Id));

    /// <summary>The directory of sockets of processes that are nobody's yet.</summary>
    public string AheadDirectory => Path.Combine(_nodes.RunDirectory, "ahead");

    /// <summary>The files of a process that is nobody's yet.</summary>
    public VmFiles AheadFiles(string name) => new(Path.Combine(AheadDirectory, name));

    /// <summary>A directory that outlives the daemon.</summary>
    public string StateDirectory => _nodes.StateDirectory;

    /// <summary>Where the console's log of a machine that is down is kept.</summary>
    public string KeptLog(NodeRecord record) => Path.Combine(_nodes.StateDirectory, $"{record.Id}.log");

    /// <summary>A file for memory, not there yet.</summary>
    public string MemoryFile(string name) => Path.Combine(MemoryDirectory, name);

    /// <summary>
    /// The hardware address of a node's card: locally administered, of this daemon, and of a number that is never given
    /// again.
    /// </summary>
    public string Mac(NodeRecord record, int card)
    {
        var own = Tag[^4..];
        var number = ((record.Number << 3) | (uint)card) & 0xFFFFFF;
        return string.Create(
            CultureInfo.InvariantCulture, $"02:{own[..2]}:{own[2..]}:{(number >> 16) & 0xFF:x2}:{(number >> 8) & 0xFF:x2}:{number & 0xFF:x2}");
    }

    private async Task<Accelerator> FindAcceleratorAsync()
    {
        string? kernel = null;
        try
        {
            kernel = Options.BuiltInGuest is { } guest ? (await guest(AgentPath, CancellationToken.None)).Kernel : null;
        }
        catch (FileException)
        {
            // No kernel is there to try.
        }

        return await AcceleratorProbe.FindAsync(QemuPath, kernel, AcceleratorProbe.KeptPath, CancellationToken.None);
    }
}
