using Pewter.Blocks.Iscsi;
using Pewter.Testing;
using Pewter.Testing.Blocks;

namespace Pewter.Blocks.Tests.Iscsi;

/// <summary>The small programs of libiscsi and QEMU's iSCSI driver against the target.</summary>
public sealed class LibiscsiClientTests
{
    private const string Secret = "correct-horse-battery";

    [Fact]
    public async Task Iscsi_ls_lists_the_target_and_its_disk()
    {
        await using var target = new TargetFixture();
        ShellResult result = await RunAsync("iscsi-ls", $"iscsi-ls -s iscsi://{target.Portal}");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"Target:{TargetFixture.TargetName}", result.Output);
        Assert.Contains("Lun:0    Type:DIRECT_ACCESS (Size:63M)", result.Output);
    }

    [Fact]
    public async Task Iscsi_inq_reads_the_standard_data_and_every_page()
    {
        await using var target = new TargetFixture();
        ShellResult standard = await RunAsync("iscsi-inq", $"iscsi-inq {target.Url}");
        Assert.Contains("Vendor:PEWTER", standard.Output);
        foreach (int page in (int[])[0x00, 0x80, 0x83, 0xB0, 0xB1, 0xB2])
        {
            ShellResult result = await RunAsync("iscsi-inq", $"iscsi-inq -e 1 -c {page} {target.Url}");
            Assert.True(result.ExitCode == 0, $"page {page:x2}: {result.Output}{result.Errors}");
        }
    }

    [Fact]
    public async Task What_qemu_io_writes_it_reads_back()
    {
        await using var target = new TargetFixture();
        ShellResult result = await RunAsync("qemu-io", $"""
            qemu-io -f raw -c 'write -P 0x5a 4096 1M' -c 'write -P 0xa5 2M 8M' -c 'flush' -c 'read -P 0x5a 4096 1M' \
              -c 'read -P 0xa5 2M 8M' -c 'write -z 3M 1M' -c 'read -P 0 3M 1M' -c 'discard 4M 1M' '{target.Url}'
            """);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.DoesNotContain("verification failed", result.Output);
        byte[] bytes = new byte[1 << 20];
        Assert.True(target.Disk.TryRead(4096, bytes));
        Assert.Equal(-1, bytes.AsSpan().IndexOfAnyExcept((byte)0x5a));
    }

    [Fact]
    public async Task An_image_converted_onto_the_target_compares_equal()
    {
        await using var target = new TargetFixture();
        using var directory = new TemporaryDirectory();
        byte[] image = new byte[64 << 20];
        new Random(7).NextBytes(image.AsSpan(5 << 20, 20 << 20));
        await File.WriteAllBytesAsync(directory["image.raw"], image);
        ShellResult result = await RunAsync("qemu-img", $"""
            set -e
            qemu-img convert -n -f raw -O raw {directory["image.raw"]} '{target.Url}'
            qemu-img compare -f raw -F raw {directory["image.raw"]} '{target.Url}'
            """);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.Contains("identical", result.Output);
    }

    [Fact]
    public async Task A_disk_that_answers_late_serves_the_same()
    {
        var disk = new MemoryDisk(16 << 20) { Delay = async () => await Task.Yield() };
        await using var target = new TargetFixture(device: disk);
        ShellResult result = await RunAsync("qemu-io", $"""
            qemu-io -f raw -c 'write -P 0x11 0 3M' -c 'aio_read -P 0x11 0 1M' -c 'aio_read -P 0x11 1M 2M' -c 'aio_write -P 0x22 8M 1M' \
              -c 'aio_flush' -c 'read -P 0x22 8M 1M' '{target.Url}'
            """);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.DoesNotContain("verification failed", result.Output);
    }

    [Theory]
    [InlineData("alice%correct-horse-battery", true)]
    [InlineData("alice%wrong-horse-battery", false)]
    [InlineData("bob%correct-horse-battery", false)]
    public async Task Only_the_right_name_and_secret_log_in(string login, bool succeeds)
    {
        await using var target = new TargetFixture([new(TargetFixture.Initiator) { Chap = new("alice", Secret) }]);
        ShellResult result = await RunAsync("iscsi-inq",
            $"iscsi-inq -i {TargetFixture.Initiator} 'iscsi://{login}@{target.Portal}/{TargetFixture.TargetName}/0'");
        Assert.Equal(succeeds, result.Output.Contains("PEWTER"));
        if (succeeds) Assert.DoesNotContain(target.Events, e => e.Kind == IscsiEventKind.LoginRefused);
        else await Until.TrueAsync(() => target.Events.Any(e => e.Kind == IscsiEventKind.LoginRefused), "the refused login was told");
        Assert.DoesNotContain(target.Events, e => e.ToString().Contains(Secret));
    }

    [Fact]
    public async Task Without_a_secret_a_target_that_asks_for_one_stays_shut()
    {
        await using var target = new TargetFixture([new(TargetFixture.Initiator) { Chap = new("alice", Secret) }]);
        ShellResult result = await RunAsync("iscsi-inq", $"iscsi-inq -i {TargetFixture.Initiator} {target.Url}");
        Assert.NotEqual(0, result.ExitCode);
    }

    [Fact]
    public async Task An_initiator_that_is_not_listed_is_refused_and_discovers_nothing()
    {
        await using var target = new TargetFixture([new(TargetFixture.Initiator)]);
        ShellResult login = await RunAsync("iscsi-inq", $"iscsi-inq -i iqn.2026-11.example.client:two {target.Url}");
        Assert.NotEqual(0, login.ExitCode);
        ShellResult list = await RunAsync("iscsi-ls", $"iscsi-ls -i iqn.2026-11.example.client:two iscsi://{target.Portal}");
        Assert.DoesNotContain("Target:", list.Output);
    }

    [Fact]
    public async Task Discovery_tells_of_the_targets_one_may_use_and_of_no_other()
    {
        await using var target = new TargetFixture([new(TargetFixture.Initiator)]);
        target.Publish("iqn.2026-11.example.pewter:other", [new("iqn.2026-11.example.client:two")]);
        ShellResult list = await RunAsync("iscsi-ls", $"iscsi-ls -i {TargetFixture.Initiator} iscsi://{target.Portal}");
        Assert.Contains(TargetFixture.TargetName, list.Output);
        Assert.DoesNotContain(":other", list.Output);
    }

    private static async Task<ShellResult> RunAsync(string program, string script)
    {
        if ((await Shell.RunAsync($"command -v {program}")).ExitCode != 0)
            Assert.Skip($"skipped, because {program} is not installed");
        return await Shell.RunAsync($"timeout 30 {script}");
    }
}
