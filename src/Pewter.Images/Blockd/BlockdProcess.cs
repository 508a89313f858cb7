using System.Globalization;
using System.Net.Sockets;
using Pewter.Hosting.Ledger;
using Pewter.Linux;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;

namespace Pewter.Images.Blockd;

/// <summary>A running disk server, by its number and the time of its start, which together name it for ever.</summary>
/// <param name="Id">The process's number.</param>
/// <param name="Ticks">When it started, in ticks since boot.</param>
internal readonly record struct BlockdProcess(int Id, long Ticks)
{
    private const int OpenReadWrite = 2;
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;

    /// <summary>Whether it runs.</summary>
    public bool IsAlive => ProcessStat.Read(Id) is { State: not ('Z' or 'X') } stat && stat.StartTicks == Ticks;

    /// <summary>What it is in the ledger.</summary>
    public KernelResource Resource => new(
        KernelResourceKind.Process, Id.ToString(CultureInfo.InvariantCulture), "image", Ticks.ToString(CultureInfo.InvariantCulture));

    /// <summary>Who listens on a control socket; null when nobody does.</summary>
    public static async ValueTask<BlockdProcess?> FindAsync(string control, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(control), cancellation);
        }
        catch (SocketException)
        {
            return null;
        }

        var credentials = new byte[12];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        var id = BitConverter.ToInt32(credentials);
        return new BlockdProcess(id, ProcessStat.ReadStartTicks(id));
    }

    /// <summary>Starts one in a session and, where the daemon may, a cgroup of its own.</summary>
    public static BlockdProcess Start(BlockdPlace place)
    {
        Directory.CreateDirectory(place.Store);
        using var nothing = Descriptors.Own(Descriptors.Open("/dev/null", OpenReadWrite));
        using var log = File.OpenHandle(place.Log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        using var cgroup = CreateCgroup(place.Cgroup);
        var child = ProcessSpawner.Spawn(new SpawnOptions
        {
            Path = place.Program,
            Arguments = place.Arguments,
            Environment = [.. Variables()],
            WorkingDirectory = "/",
            NewSession = true,
            Descriptors = [new(nothing.Number(), 0), new(log.Number(), 1), new(log.Number(), 2)],
            UnifiedCgroup = cgroup?.UnifiedHandle,
            JoinCgroups = cgroup?.Joins ?? [],
        });
        using (child.Pidfd)
        {
            return new BlockdProcess(child.Id, ProcessStat.ReadStartTicks(child.Id));
        }
    }

    /// <summary>Takes note of its end, if this daemon is its parent.</summary>
    public void Bury()
    {
        try
        {
            if (ProcessStat.Read(Id) is { State: 'Z' } stat && stat.StartTicks == Ticks)
            {
                using var pidfd = Pidfd.Open(Id);
                ProcessWait.TryWait(pidfd.Number());
            }
        }
        catch (LinuxException notOurs) when (notOurs.Errno is LinuxErrno.ECHILD or LinuxErrno.ESRCH)
        {
            // Another started it, and takes care of it.
        }
    }

    private static IEnumerable<string> Variables()
    {
        yield return "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        yield return "LANG=C.UTF-8";
        foreach (var name in (string[])["HOME", "DOTNET_ROOT", "TMPDIR"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                yield return $"{name}={value}";
            }
        }
    }

    private static Cgroup? CreateCgroup(string name)
    {
        var hierarchies = CgroupHierarchies.Read();
        return Environment.IsPrivilegedProcess
            ? Cgroup.Create(hierarchies, name, CgroupLimits.None, hierarchies.Version1.Keys.Intersect(["pids"]))
            : null;
    }
}
