using System.Net.Sockets;
using Pewter.Doors.NineDoors;
using Pewter.Fuse;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;
using Pewter.Testing;
using Pewter.Tree;

namespace Pewter.Doors.Tests;

/// <summary>The real building blocks of the tree in a real shell: mounted where they are, and mounted over a 9P door.</summary>
public sealed class WholeTreeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_shell_uses_a_collection(bool remote)
    {
        await using var site = await Site.OpenAsync(remote);
        var result = await site.RunAsync("""
            exec 3<>lamp/clone; read id <&3; echo "$id"; echo type persistent >&3; exec 3<&-
            echo on > lamp/$id/ctl; grep -o 'state=[a-z]*' lamp/$id/status; grep -c cores lamp/status
            ls lamp/query/cores=8/state=on
            exec 4<>lamp/$id/ctl; echo smash >&4; cut -c1-10 <&4; echo on >&4; cut -d, -f1 <&4
            find . -name status | sort | head -n 2; head -c 1 lamp/json; echo
            """);
        Assert.Equal(
            "l1\nstate=on\n1\nctl\nevents\njson\nl1\nstatus\nwait\n{\"ok\":true\n{\"ok\":false\n"
            + "./lamp/l1/status\n./lamp/query/cores/8/l1/status\n[\n",
            result.Output);
        Assert.Contains("Input/output error", result.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tail_follows_events_and_wait_ends(bool remote)
    {
        await using var site = await Site.OpenAsync(remote);
        await site.RunAsync("exec 3<>lamp/clone; echo type persistent >&3");
        using var tail = Shell.Start($"cd {site.Path}; exec tail -f lamp/events");
        using var wait = Shell.Start($"cd {site.Path}; exec cat lamp/l1/wait");
        await Task.Delay(500);
        await site.RunAsync("echo on > lamp/l1/ctl; echo smash > lamp/l1/ctl");
        Assert.Contains("\"seq\":", await tail.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Contains("broken", await wait.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        tail.Kill();
        await tail.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
    }

    private sealed class Site : IAsyncDisposable
    {
        private readonly TemporaryDirectory _home = new();
        private readonly Stack<IAsyncDisposable> _owned = new();

        public string Path => _home["m"];

        public static async Task<Site> OpenAsync(bool remote)
        {
            if (!Environment.IsPrivilegedProcess || !File.Exists("/dev/fuse"))
                Assert.Skip("skipped, because it mounts as root");
            var site = new Site();
            var lamps = site.Own(Lamp.Collection());
            ServedFile root = new TreeDirectory().Add("lamp", lamps);
            if (remote)
                root = await site.ConnectAsync(root);
            Directory.CreateDirectory(site.Path);
            site.Own(await FuseMount.MountAsync(site.Path, root, new FuseMountOptions { CallerOf = (_, _) => Caller.System }));
            return site;
        }

        public Task<ShellResult> RunAsync(string script) => Shell.RunAsync($"cd {Path}; {script}");

        public async ValueTask DisposeAsync()
        {
            while (_owned.TryPop(out var owned))
                await owned.DisposeAsync();
            _home.Dispose();
        }

        private T Own<T>(T owned)
            where T : IAsyncDisposable
        {
            _owned.Push(owned);
            return owned;
        }

        private async Task<ServedFile> ConnectAsync(ServedFile root)
        {
            var tokens = await Tokens.TokenStore.OpenAsync(Own(await DoorHouse.OpenStateAsync()), TimeProvider.System);
            Own(NineDoor.Open(new UnixEndpoint(_home["socket"]), new DoorContext { Root = root, Tokens = tokens }));
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_home["socket"]));
            var client = Own(await NineClient.ConnectAsync(Own(NineTransport.FromSocket(socket))));
            var attached = await client.AttachAsync("root", "");
            return new RemoteTree((_, _) => new ValueTask<NineFile>(attached), TimeProvider.System).Directory();
        }
    }
}
