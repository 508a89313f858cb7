using Pewter.Hosting.Ledger;
using Pewter.Images.Initramfs;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Processes;
using Pewter.Machines.Tests.Nodes;
using Pewter.Machines.Vms;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Testing.Guests;
using Pewter.Tree;

namespace Pewter.Machines.Tests.Vms;

/// <summary>
/// A directory, a store and the daemons that come and go over it, with real machines. Whatever is left at the end is a
/// failure, and taken away.
/// </summary>
public sealed class VmHouse : IAsyncDisposable
{
    private readonly string _agent = RealAgent.Demand();
    private readonly KernelBundle _kernel = Guest.RequireKernel("cloud-6.1");
    private readonly MemoryDisk _disk = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("pw").FullName;
    private NodeHouse _daemon = null!;

    public TreeClient Admin => _daemon.Admin;

    internal NodeHouse Daemon => _daemon;

    public string StateDirectory => _directory;

    /// <summary>What the daemon's names in the kernel begin with.</summary>
    public string Tag
    {
        get
        {
            var hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(_directory));
            return $"pewter-{Convert.ToHexStringLower(hash.AsSpan(0, 4))}";
        }
    }

    public static async Task<VmHouse> StartAsync(TimeSpan? silence = null)
    {
        var house = new VmHouse();
        await house.RestartAsync(silence);
        return house;
    }

    /// <summary>Another daemon over the same state; the one before must have been killed or disposed.</summary>
    public async Task RestartAsync(TimeSpan? silence = null) => _daemon = await NodeHouse.StartAsync(
        new NodeServiceOptions
        {
            HasHost = false, AgentPath = _agent, BuiltInGuest = (agent, _) => new(Image(agent)), BootSilence = silence ?? TimeSpan.FromSeconds(90),
        },
        _disk,
        null,
        _directory);

    public Task KillAsync() => _daemon.KillAndHangUpAsync();

    /// <summary>The kernel's file, for machines that start something else.</summary>
    public string Kernel => _kernel.Vmlinux;

    /// <summary>An archive with one program as process 1.</summary>
    public string Initramfs(string name, string init)
    {
        var path = Path.Combine(_directory, name);
        using var file = File.Create(path);
        var archive = new CpioWriter(file);
        archive.AddCharacterDevice("/dev/console", 5, 1);
        archive.AddFile("/bin/busybox", File.ReadAllBytes("/bin/busybox"), 0x1ED);
        archive.AddFile("/init", System.Text.Encoding.UTF8.GetBytes(init), 0x1ED);
        archive.Complete();
        return path;
    }

    /// <summary>Allocates machines and returns their ids when they are ready.</summary>
    public async Task<IReadOnlyList<string>> AllocAsync(params string[] words)
    {
        var replies = await Admin.CommandAsync("/node/ctl", ["alloc", "kind=vm", .. words]);
        var ids = replies.Select(reply => reply.Text("id")).ToList();
        foreach (var id in ids)
            Assert.StartsWith($"/node/{id} state=ready", await WaitAsync(id, "ready"));
        return ids;
    }

    /// <summary>Waits for a state, or for the end, and returns the line that tells it.</summary>
    public async Task<string> WaitAsync(string id, string state)
    {
        await using var wait = await Admin.OpenAsync($"/node/{id}/wait", OpenFlags.ReadWrite);
        await wait.WriteTextAsync(state);
        return await wait.ReadLineAsync() ?? "";
    }

    /// <summary>Runs a shell command in a machine and gives its output.</summary>
    public async Task<string> RunAsync(string node, string command)
    {
        var (id, ctl) = await Admin.CloneAsync($"/node/{node}/proc");
        await using (ctl)
        {
            await ctl.TryCommandAsync(RcQuoting.Join(["exec", "/bin/sh", "-c", command]));
            return (await Admin.ReadTextAsync($"/node/{node}/proc/{id}/stdout")).TrimEnd('\n');
        }
    }

    /// <summary>QEMU processes of this house, those that wait for work too.</summary>
    public IReadOnlyList<int> Processes() => [.. ProcessStat.ReadAll().Where(stat => IsOurs(stat.Id)).Select(stat => stat.Id)];

    public async ValueTask DisposeAsync()
    {
        var cleaner = new ResourceCleaner();
        var resources = await _daemon.Ledger.ListAsync(default);
        await _daemon.DisposeAsync();
        foreach (var resource in resources)
            cleaner.Remove(resource);
        Assert.DoesNotContain(resources, cleaner.Exists);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_directory, "node")));
        Assert.Empty(Processes());
        foreach (var end in (string[])["-cells", "-vms", ""])
        {
            using var group = Cgroup.Find(CgroupHierarchies.Read(), Tag + end);
            group.DeleteTree();
        }

        Directory.Delete(_directory, true);
    }

    private bool IsOurs(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Contains($"\0{Tag}-", StringComparison.Ordinal)
                && ProcessStat.Read(process) is { State: not 'Z' };
        }
        catch (IOException)
        {
            return false;
        }
    }

    private GuestImage Image(string agent)
    {
        var path = Path.Combine(_directory, "guest.cpio");
        lock (_disk)
        {
            if (!File.Exists(path))
            {
                using var file = File.Create(path + ".new");
                AgentGuest.Write(_kernel, agent, file);
                file.Close();
                File.Move(path + ".new", path);
            }
        }

        return new GuestImage { Name = "guest", Kernel = _kernel.Vmlinux, Initramfs = path };
    }
}
