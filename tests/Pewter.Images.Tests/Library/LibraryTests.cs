using Pewter.NineP;
using Pewter.Testing;
using Pewter.Testing.Conformance;

namespace Pewter.Images.Tests.Library;

public sealed class LibraryTests
{
    [Fact]
    public async Task A_disk_of_an_image_holds_what_the_image_holds_and_keeps_its_own_writes()
    {
        await using var house = await ImageHouse.StartAsync();
        await house.ImportAsync();
        var made = await house.SayAsync("/disk", "create", "image=golden", "count=2", "name=web");
        Assert.Equal(["d1", "d2"], made.Select(reply => reply.Text("id")));
        Assert.StartsWith("nbd+unix:///d1?socket=", made[0].Text("nbd"));
        Assert.EndsWith(":0:iqn.2026-11.org.pewter:d1", made[0].Text("iscsi"));
        await house.WriteDiskAsync("web-1", 0x11);
        Assert.All(await house.ReadDiskAsync("web-1"), value => Assert.Equal(0x11, value));
        Assert.All(await house.ReadDiskAsync("web-2"), value => Assert.Equal(0x5A, value));
    }

    [Fact]
    public async Task A_snapshot_is_an_image_that_disks_are_made_of_and_rolled_back_to()
    {
        await using var house = await ImageHouse.StartAsync();
        await house.ImportAsync();
        await house.SayAsync("/disk", "create", "image=golden", "name=web");
        await house.WriteDiskAsync("web", 0x11);
        await house.SayAsync("/disk/web", "snapshot", "first");
        await house.WriteDiskAsync("web", 0x22);
        await house.SayAsync("/disk", "create", "image=first", "name=copy");
        Assert.All(await house.ReadDiskAsync("copy"), value => Assert.Equal(0x11, value));
        await house.SayAsync("/disk/web", "rollback", "first");
        Assert.All(await house.ReadDiskAsync("web"), value => Assert.Equal(0x11, value));
        Assert.Equal("golden", (await house.JsonAsync("/image/first")).GetProperty("parent").GetString());
        Assert.Equal("golden\n", await house.Admin.ReadTextAsync("/image/first/lineage"));
        Assert.Contains("first", await house.Admin.ListAsync("/image/golden/snap"));

        // The disk that was frozen goes, and what was frozen stays.
        await house.SayAsync("/disk/web", "release");
        Assert.All(await house.ReadDiskAsync("copy"), value => Assert.Equal(0x11, value));
    }

    [Fact]
    public async Task What_others_stand_on_is_not_removed_and_they_are_named()
    {
        await using var house = await ImageHouse.StartAsync();
        await house.ImportAsync();
        await house.SayAsync("/disk", "create", "image=golden", "name=web");
        await house.SayAsync("/disk/web", "snapshot", "first");
        var refused = await Assert.ThrowsAsync<FileException>(() => house.SayAsync("/image/golden", "remove"));
        Assert.Equal(Errno.EBUSY, refused.Errno);
        Assert.Contains("/image/first, /disk/web stand on", refused.Message.Replace("/disk/web, /image/first", "/image/first, /disk/web"));
        await house.SayAsync("/disk/web", "release");
        await house.SayAsync("/image/first", "remove");
        await house.SayAsync("/image/golden", "protect", "on");
        Assert.Equal(Errno.EPERM, (await Assert.ThrowsAsync<FileException>(() => house.SayAsync("/image/golden", "remove"))).Errno);
        await house.SayAsync("/image/golden", "protect", "off");
        await house.SayAsync("/image/golden", "remove");
        await house.SayAsync("/image", "gc");
        Assert.Empty(await house.ServedAsync("layer"));
    }

    [Fact]
    public async Task A_disk_in_use_is_released_only_by_force()
    {
        await using var house = await ImageHouse.StartAsync(new ImageServiceOptions
        {
            Limits = new ImageLimits { ReleasePatience = TimeSpan.FromMilliseconds(50) },
        });
        await house.SayAsync("/disk", "create", "size=1Mi", "name=web");
        var uri = (await house.Admin.ReadTextAsync("/disk/web/nbd")).Trim();
        using var client = Shell.Start($"(echo 'read 0 4096'; sleep 30) | qemu-io -f raw '{uri}'");
        await Until.TrueAsync(async () => (await house.Admin.ReadTextAsync("/disk/web/sessions")).Contains("nbd"), "a client is on the disk");
        Assert.Equal(Errno.EBUSY, (await Assert.ThrowsAsync<FileException>(() => house.SayAsync("/disk/web", "release"))).Errno);
        await house.SayAsync("/disk/web", "release", "force");
        Assert.Empty(await house.ServedAsync());
        client.Kill(entireProcessTree: true);
    }

    [Fact]
    public async Task A_user_sees_and_uses_what_is_theirs_or_public_and_no_more_than_the_quota()
    {
        await using var house = await ImageHouse.StartAsync(new ImageServiceOptions { QuotaBytes = 16 << 20 });
        await house.ImportAsync();
        var (ann, ben) = (house.As(ImageHouse.Ann), house.As(ImageHouse.Ben));
        Assert.Equal(Errno.ENOENT, await RefusedAsync(() => ann.CommandAsync("/disk/ctl", ["create", "image=golden"])));
        await house.SayAsync("/image/golden", "public", "on");
        await ann.CommandAsync("/disk/ctl", ["create", "image=golden", "name=hers"]);
        Assert.Equal(Errno.EACCES, await RefusedAsync(() => ben.CommandAsync("/disk/hers/ctl", ["release"])));
        Assert.DoesNotContain("hers", await ben.ReadTextAsync("/disk/status"));
        Assert.Equal(Errno.EACCES, await RefusedAsync(() => ann.CommandAsync("/image/golden/ctl", ["remove"])));
        Assert.Equal(Errno.EDQUOT, await RefusedAsync(() => ann.CommandAsync("/disk/ctl", ["create", "image=golden", "count=4"])));
        await house.SayAsync("/image", "quota", "ann", "1Gi");
        await ann.CommandAsync("/disk/ctl", ["create", "image=golden", "count=4"]);
        Assert.Equal(Errno.EPERM, await RefusedAsync(() => ann.CommandAsync("/image/ctl", ["import", "/etc/shadow", "stolen"])));
    }

    [Fact]
    public async Task An_image_is_written_through_the_tree_by_whoever_may_not_name_files()
    {
        await using var house = await ImageHouse.StartAsync();
        var ann = house.As(ImageHouse.Ann);
        var (id, ctl) = await ann.CloneAsync("/image");
        await using (ctl)
        {
            await using (var data = await ann.OpenAsync($"/image/{id}/data", NineP.Serving.OpenFlags.WriteOnly))
                await data.WriteAsync(File.ReadAllBytes(house.Raw()));
            Assert.Equal(Errno.EIO, await RefusedAsync(async () => Check(await ctl.TryCommandAsync("import hers length=1"))));
            Check(await ctl.TryCommandAsync($"import hers length={4 << 20}"));
        }

        await ann.CommandAsync("/disk/ctl", ["create", "image=hers", "name=web"]);
        Assert.All(await house.ReadDiskAsync("web"), value => Assert.Equal(0x5A, value));
    }

    [Fact]
    public async Task What_has_another_digest_or_is_cut_leaves_nothing()
    {
        await using var house = await ImageHouse.StartAsync();
        var raw = house.Raw();
        Assert.Equal(Errno.EIO, await RefusedAsync(() => house.Admin.CommandAsync("/image/ctl", ["import", raw, "bad", $"sha256={new string('0', 64)}"])));
        var qcow = Path.Combine(house.Scratch, "q.qcow2");
        await ShellAsync($"qemu-img convert -f raw -O qcow2 '{raw}' '{qcow}'");
        using (var file = File.OpenWrite(qcow))
            file.SetLength(file.Length / 2);
        Assert.Equal(Errno.EIO, await RefusedAsync(() => house.Admin.CommandAsync("/image/ctl", ["import", qcow, "cut"])));
        Assert.Equal("[\n]\n", await house.Admin.ReadTextAsync("/image/json"));
        Assert.Empty(await house.ServedAsync("layer"));
        Assert.Empty(Directory.GetFiles(Path.Combine(house.Scratch, "incoming")));
    }

    [Fact]
    public async Task A_directory_an_archive_and_an_OCI_layout_become_file_systems()
    {
        await using var house = await ImageHouse.StartAsync();
        var files = Directory.CreateDirectory(Path.Combine(house.Scratch, "root"));
        File.WriteAllText(Path.Combine(files.FullName, "hello"), "from a directory");
        await house.SayAsync("/image", "import", files.FullName, "plain");
        await ShellAsync($"cd '{files.FullName}' && tar -cf '{house.Scratch}/root.tar' .\n{OciScript(house.Scratch)}");
        await house.SayAsync("/image", "import", Path.Combine(house.Scratch, "root.tar"), "archive");
        await house.SayAsync("/image", "import", Path.Combine(house.Scratch, "oci"), "layers");
        Assert.Equal("from a directory", await ReadFileAsync(house, "plain", "/hello"));
        Assert.Equal("from a directory", await ReadFileAsync(house, "archive", "/hello"));
        Assert.Equal("from the second layer", await ReadFileAsync(house, "layers", "/new"));
        Assert.Equal("", await ReadFileAsync(house, "layers", "/hello"));
    }

    [Fact]
    public async Task The_disk_server_is_found_again_by_the_next_daemon_and_its_clients_notice_nothing()
    {
        await using var house = await ImageHouse.StartAsync();
        await house.ImportAsync();
        await house.SayAsync("/disk", "create", "image=golden", "name=web");
        await house.WriteDiskAsync("web", 0x33);
        var server = house.Blockd;
        await house.KillAsync();
        Assert.All(await ReadBesideAsync(house), value => Assert.Equal(0x33, value));
        await house.RestartAsync();
        Assert.All(await house.ReadDiskAsync("web"), value => Assert.Equal(0x33, value));
        await Until.TrueAsync(() => house.Blockd == server, "the same server serves");
        house.KillBlockd();
        await Until.TrueAsync(() => house.Blockd != 0 && house.Blockd != server, "another server is started by itself and answers");
        Assert.All(await house.ReadDiskAsync("web"), value => Assert.Equal(0x33, value));
    }

    [Fact]
    public async Task Bit_rot_is_found_and_the_disk_and_block_are_named()
    {
        await using var house = await ImageHouse.StartAsync();
        await house.ImportAsync();
        await house.SayAsync("/image/golden", "verify");
        var data = Directory.GetFiles(Path.Combine(house.Scratch, "store"), "*.data").OrderByDescending(file => new FileInfo(file).Length).First();
        using (var file = File.Open(data, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.Position = 8192;
            file.WriteByte(0xFF);
        }

        var rot = await Assert.ThrowsAsync<FileException>(() => house.SayAsync("/image/golden", "verify"));
        Assert.Equal(Errno.EIO, rot.Errno);
        Assert.StartsWith("The image golden is damaged: ", rot.Message);
        Assert.Contains("8192", rot.Message);

        // A disk that stands on it is named as it was asked for, and so is a block of its own.
        await house.SayAsync("/disk", "create", "image=golden", "name=web");
        var below = await Assert.ThrowsAsync<FileException>(() => house.SayAsync("/disk/web", "verify"));
        Assert.StartsWith("d1: 1 damaged: ", below.Message);
        Assert.Contains("8192", below.Message);
        await house.SayAsync("/disk", "create", "size=4Mi", "name=own");
        await house.WriteDiskAsync("own", 0x44);
        await house.SayAsync("/disk/own", "verify");
        var own = Directory.GetFiles(Path.Combine(house.Scratch, "store"), "*.data").MaxBy(File.GetCreationTimeUtc)!;
        using (var file = File.Open(own, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.Position = 100;
            file.WriteByte(0x45);
        }

        var flipped = await Assert.ThrowsAsync<FileException>(() => house.SayAsync("/disk/own", "verify"));
        Assert.Equal(Errno.EIO, flipped.Errno);
        Assert.StartsWith("d2: 1 damaged: ", flipped.Message);
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("qcow2")]
    public async Task A_disk_is_exported_as_it_was_at_one_moment_while_a_client_writes_to_it(string format)
    {
        await using var house = await ImageHouse.StartAsync();
        await house.SayAsync("/disk", "create", "size=64Mi", "name=web");
        var uri = (await house.Admin.ReadTextAsync("/disk/web/nbd")).Trim();

        // The first block is always written before the last: at no moment is the last ahead, nor the first by more than one.
        using var writer = Shell.Start(
            $"(for n in $(seq 40); do for i in $(seq 250); do echo \"write -q -P $i 0 4k\"; echo \"write -q -P $i 63M 4k\"; done; done)"
            + $" | qemu-io -f raw '{uri}'");
        await Until.TrueAsync(async () => (await house.ServedJsonAsync("d1")).GetProperty("writes").GetInt64() > 100, "it is written to");
        for (var i = 0; i < 5; i++)
        {
            var file = Path.Combine(house.Scratch, $"out{i}.{format}");
            await house.SayAsync("/disk/web", "export", file, $"format={format}");
            var raw = file + ".raw";
            await ShellAsync($"qemu-img convert -f {format} -O raw '{file}' '{raw}'");
            var bytes = await File.ReadAllBytesAsync(raw);
            var (first, last) = ((int)bytes[0], (int)bytes[63 << 20]);
            Assert.All(bytes[..4096], value => Assert.Equal(first, value));
            Assert.True(first == last || first == (last % 250) + 1, $"the first block holds {first}, the last {last}");
        }

        Assert.False(writer.HasExited, "the client wrote all the while");
        writer.Kill(entireProcessTree: true);
    }

    [Fact]
    public async Task The_subtrees_keep_the_contract_of_the_tree()
    {
        await using var house = await ImageHouse.StartAsync();
        await house.ImportAsync();
        await house.SayAsync("/disk", "create", "image=golden", "name=web");
        await TreeConformance.CheckAsync(house.Root);
    }

    private static void Check(IReadOnlyList<Tree.CommandReply> replies)
    {
        if (replies.FirstOrDefault(reply => !reply.IsOk) is { } failed)
            throw new FileException(failed.Errno, failed.Error);
    }

    private static async Task<Errno> RefusedAsync<T>(Func<ValueTask<T>> act) =>
        (await Assert.ThrowsAsync<FileException>(async () => await act())).Errno;

    private static async Task<Errno> RefusedAsync(Func<Task> act) => (await Assert.ThrowsAsync<FileException>(act)).Errno;

    private static async Task<byte[]> ReadBesideAsync(ImageHouse house)
    {
        var file = Path.Combine(house.Scratch, "beside");
        await ShellAsync($"qemu-img convert -f raw -O raw 'nbd+unix:///d1?socket={house.Scratch}/disk/nbd.sock' '{file}'");
        return File.ReadAllBytes(file)[..4096];
    }

    private static async Task<string> ReadFileAsync(ImageHouse house, string image, string path)
    {
        var raw = Path.Combine(house.Scratch, image + ".out");
        await house.SayAsync($"/image/{image}", "export", raw);
        return await ShellAsync($"debugfs -R 'cat {path}' '{raw}' 2>/dev/null");
    }

    private static async Task<string> ShellAsync(string script)
    {
        var result = await Shell.RunAsync(script);
        Assert.True(result.ExitCode == 0, $"{script}\n{result.Errors}");
        return result.Output;
    }

    // Two layers: the first has the file, the second takes it away and brings another.
    private static string OciScript(string scratch) => $$"""
        set -e; o='{{scratch}}/oci'; mkdir -p $o/blobs/sha256 '{{scratch}}/two'
        touch '{{scratch}}/two/.wh.hello'; printf 'from the second layer' > '{{scratch}}/two/new'; tar -C '{{scratch}}/two' -cf '{{scratch}}/two.tar' .
        put() { d=$(sha256sum "$1" | cut -d' ' -f1); cp "$1" $o/blobs/sha256/$d; echo $d; }
        a=$(put '{{scratch}}/root.tar'); b=$(put '{{scratch}}/two.tar')
        printf '{"layers":[{"digest":"sha256:%s"},{"digest":"sha256:%s"}]}' $a $b > '{{scratch}}/manifest'; m=$(put '{{scratch}}/manifest')
        printf '{"manifests":[{"digest":"sha256:%s"}]}' $m > $o/index.json; printf '{"imageLayoutVersion":"1.0.0"}' > $o/oci-layout
        """;
}
