using Pewter.NineP.Serving;
using Pewter.Testing.Guests;

namespace Pewter.Kernels.Tests;

/// <summary>What the 9P client of real kernels does with our server. One boot a kernel and dialect, since a boot costs seconds.</summary>
public sealed class V9fsTests
{
    private static readonly string[] Modules = ["9p", "9pnet_fd"];

    [Theory]
    [InlineData("generic-6.1", "9p2000.L")]
    [InlineData("generic-6.12", "9p2000.L")]
    [InlineData("generic-6.1", "9p2000.u")]
    [InlineData("generic-6.12", "9p2000.u")]
    [InlineData("generic-6.1", "9p2000")]
    [InlineData("generic-6.12", "9p2000")]
    public async Task A_kernel_reads_lists_writes_and_unmounts(string kernel, string version)
    {
        await using var tree = new SampleTree();
        await using var server = new SampleServer(tree);
        await using var guest = await Guest.BootAsync(new GuestOptions { Kernel = kernel, Modules = Modules });
        await MountAsync(guest, server, version);

        Assert.Equal("hello from the tree", await guest.MustRunAsync("cat /mnt/hello"));
        Assert.Equal("ctl hello item kept live", (await guest.MustRunAsync("echo $(ls /mnt)")));
        await guest.MustRunAsync("echo \"set 'it is kept'\" > /mnt/ctl");
        Assert.Equal("it is kept", await guest.MustRunAsync("cat /mnt/kept"));
        Assert.NotEqual(0, (await guest.RunAsync("cat /mnt/nothing")).ExitCode);
        Assert.Contains("set <text>", await guest.MustRunAsync("cat /mnt/ctl"));
        await guest.MustRunAsync("ls -lR /mnt > /tmp/all && grep -q clone /tmp/all");
        await guest.MustRunAsync("umount /mnt");
        await EventuallyAsync(() => server.OpenConnections == 0, "the connection to end after umount");
    }

    [Theory]
    [InlineData("generic-6.1")]
    [InlineData("generic-6.12")]
    public async Task A_live_stream_a_killed_reader_and_a_failing_ctl_behave(string kernel)
    {
        await using var tree = new SampleTree();
        await using var server = new SampleServer(tree);
        await using var guest = await Guest.BootAsync(new GuestOptions { Kernel = kernel, Modules = Modules });
        await MountAsync(guest, server, "9p2000.L");

        // A line shows as soon as it is written, with the stream option of the attach.
        await guest.MustRunAsync("cat /mnt/live > /tmp/live & echo $! > /tmp/reader; sleep 1");
        tree.Live.TryWrite("first\n"u8);
        await guest.MustRunAsync("for i in 1 2 3 4 5 6 7 8 9 10; do grep -q first /tmp/live && break; sleep 1; done; grep first /tmp/live");
        tree.Live.TryWrite("second\n"u8);
        await guest.MustRunAsync("for i in 1 2 3 4 5 6 7 8 9 10; do grep -q second /tmp/live && break; sleep 1; done; grep second /tmp/live");
        Assert.Equal("hello from the tree", await guest.MustRunAsync("cat /mnt/hello"));
        await guest.MustRunAsync("kill -9 $(cat /tmp/reader); wait $(cat /tmp/reader); [ $? -eq 137 ]");
        await EventuallyAsync(() => tree.Live.Readers == 0, "the killed reader's fid to be clunked");

        // Linux 6.12 loses the errno of a failed write; the read-back has it on every kernel.
        Assert.Contains("\"errno\"", await guest.MustRunAsync("exec 3<>/mnt/ctl; echo fail >&3; head -n 1 <&3; exec 3>&-"));
        Assert.NotEqual(0, (await guest.RunAsync("/bin/busybox echo fail > /mnt/ctl")).ExitCode);
        await guest.MustRunAsync("umount /mnt");
    }

    [Theory]
    [InlineData("generic-6.1")]
    [InlineData("generic-6.12")]
    public async Task Ten_thousand_entries_under_churn_list_every_lasting_one_once(string kernel)
    {
        await using var tree = new SampleTree();
        for (var i = 0; i < 10_000; i++)
        {
            var created = tree.Items.Next(Caller.System);
            tree.Items.Add(created.Number, new SampleTree.Item { Number = created.Number });
        }

        await using var server = new SampleServer(tree);
        await using var guest = await Guest.BootAsync(new GuestOptions { Kernel = kernel, Modules = Modules });
        await MountAsync(guest, server, "9p2000.L");
        using var stop = new CancellationTokenSource();
        var churning = ChurnAsync(tree, stop.Token);

        var lasting = await guest.MustRunAsync("ls -1 /mnt/item 2>/dev/null | grep -E '^i[0-9]*[02468]$' | sort > /tmp/a; wc -l < /tmp/a; uniq /tmp/a | wc -l");

        await stop.CancelAsync();
        await churning;
        // Churn removes and adds odd numbers only; of the even ones 2, 4, … 10,000 last throughout.
        var counts = lasting.Split('\n').Select(int.Parse).ToArray();
        Assert.Equal(counts[0], counts[1]);
        Assert.True(counts[0] >= 5_000, $"{counts[0]} even entries were listed");
        await guest.MustRunAsync("umount /mnt");
    }

    private static async Task MountAsync(Guest guest, SampleServer server, string version) =>
        await guest.MustRunAsync(
            $"mount -t 9p -o 'trans=tcp,port={server.Port},version={version},cache=none,access=any,msize=262144,aname=/;stream=1' 10.0.2.2 /mnt");

    private static async Task ChurnAsync(SampleTree tree, CancellationToken cancellation)
    {
        for (var odd = 1L; !cancellation.IsCancellationRequested; odd += 2)
        {
            if (odd < 10_000) tree.Items.Remove(odd);
            var created = tree.Items.Next(Caller.System);
            if (created.Number % 2 == 1) tree.Items.Add(created.Number, new SampleTree.Item { Number = created.Number });
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        }
    }

    private static async Task EventuallyAsync(Func<bool> condition, string what)
    {
        for (var i = 0; i < 200 && !condition(); i++) await Task.Delay(50);
        Assert.True(condition(), $"Waited 10 s for {what}.");
    }
}
