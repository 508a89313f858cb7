using Pewter.Linux.Fuse;
using Pewter.NineP.Serving;
using Pewter.Testing;
using Pewter.Testing.Serving;

namespace Pewter.Fuse.Tests;

/// <summary>A small tree mounted on a directory of its own.</summary>
public sealed class MountedTree : IAsyncDisposable
{
    private readonly TemporaryDirectory _home = new();
    private readonly List<Exception> _faults = [];

    private MountedTree()
    {
        Events = Root.Add("events", new MemoryEvents());
        Ctl = Root.Add("ctl", new MemoryCtl());
        Root.Add("status", new MemoryText("/ state=ready\n"));
        Root.Add("clone", new MemoryClone());
        var node = Root.Add("node", new MemoryDirectory());
        var one = node.Add("n1", new MemoryDirectory());
        one.Add("status", new MemoryText("/node/n1 state=ready cores=8\n"));
        one.Add("plain", new MemoryText("plain file\n", version: 1));
        node.Add("web", new MemoryLink("n1"));
        Root.Add("secret", new MemoryText("hidden\n") { Mode = 0x180 });
    }

    public MemoryDirectory Root { get; } = new();

    public MemoryEvents Events { get; }

    public MemoryCtl Ctl { get; }

    public FuseMount Mount { get; private set; } = null!;

    public string Path => Mount.Directory;

    public List<Exception> Faults => _faults;

    public static async Task<MountedTree> StartAsync(TimeSpan cacheFor = default, bool unmountWhenKilled = false)
    {
        if (!File.Exists("/dev/fuse"))
            Assert.Skip("skipped, because this machine has no /dev/fuse");
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("skipped, because only root can mount for other users");
        var tree = new MountedTree();
        tree.Mount = await FuseMount.MountAsync(tree._home.Path, tree.Root, new FuseMountOptions
        {
            CallerOf = CallerOf,
            Device = new FuseDeviceOptions { AllowOthers = true, UnmountWhenKilled = unmountWhenKilled },
            CacheFor = cacheFor,
            OnFault = tree._faults.Add,
        });
        return tree;
    }

    public Task<ShellResult> RunAsync(string script, uint? asUser = null) => Shell.RunAsync($"cd {Path} && {{ {script}\n}}", asUser);

    public async ValueTask DisposeAsync()
    {
        await Mount.DisposeAsync();
        _home.Dispose();
    }

    private static Caller CallerOf(uint uid, uint gid) => uid == 0
        ? Caller.System
        : new Caller { User = $"u{uid}", Uid = uid, Gid = gid };
}
