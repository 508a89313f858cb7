using Pewter.Bmc;
using Pewter.Machines.Metal;
using Pewter.Machines.Nodes;
using Pewter.Machines.Tests.Nodes;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Testing;
using Pewter.Testing.Bmc;
using Pewter.Tree;

namespace Pewter.Machines.Tests.Metal;

/// <summary>Physical machines whose controllers are real: enrolled, allocated, switched, released, and controllers that do not keep their word.</summary>
public sealed class MetalTests : IAsyncLifetime
{
    private static readonly MetalLimits Quick = new()
    {
        PowerChange = TimeSpan.FromSeconds(3), PowerPoll = TimeSpan.FromMilliseconds(20), Watch = TimeSpan.FromMilliseconds(100),
        Controller = new BmcLimits { Answer = TimeSpan.FromSeconds(1), Tries = 2 },
    };

    private readonly MemoryDisk _disk = new();
    private readonly TemporaryDirectory _directory = new();
    private IpmiSimulator _controller = null!;
    private MetalService _metal = null!;
    private NodeHouse _house = null!;

    public async ValueTask InitializeAsync()
    {
        if (!IpmiSimulator.IsThere)
        {
            Assert.Skip("skipped, because it needs the package openipmi");
        }

        _controller = await IpmiSimulator.StartAsync();
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_house is not null)
        {
            await _house.DisposeAsync();
            await _metal.DisposeAsync();
            await _controller.DisposeAsync();
        }

        _directory.Dispose();
    }

    [Fact]
    public async Task A_machine_is_enrolled_inspected_allocated_and_released()
    {
        await EnrolAsync();
        Assert.Contains("state=free", await _house.Admin.ReadTextAsync("/metal/metal-7/status"));
        Assert.Contains("maker=\"enterprise 4753\"", await _house.Admin.ReadTextAsync("/metal/metal-7/status"));
        await _house.As(NodeHouse.Ann).CommandAsync("/node/ctl", ["alloc", "kind=metal", "name=web"]);
        Assert.True(_controller.IsOn);
        Assert.Contains("state=busy node=n1", await LineAsync("/metal/metal-7/status", "state", "node"));
        Assert.Contains("power=on", await _house.As(NodeHouse.Ann).ReadTextAsync("/node/web/status"));
        await _house.As(NodeHouse.Ann).CommandAsync("/node/web/ctl", ["release"]);
        Assert.False(_controller.IsOn);
        Assert.Contains("state=free", await LineAsync("/metal/metal-7/status", "state"));
        Assert.Equal("power 0", _controller.Told()[^1]);
    }

    [Fact]
    public async Task Nobody_gets_a_machine_twice_or_one_that_is_not_inspected()
    {
        Assert.Equal(Errno.EBUSY, await RefusedAsync("alloc", "kind=metal"));
        await AddAsync();
        Assert.Equal(Errno.EBUSY, await RefusedAsync("alloc", "kind=metal"));
        await KeepSecretAsync();
        await _house.Admin.CommandAsync("/metal/metal-7/ctl", ["inspect"]);
        Assert.Equal(Errno.EBUSY, await RefusedAsync("alloc", "kind=metal", "n=2"));
        Assert.Contains("state=free", await LineAsync("/metal/metal-7/status", "state"));
        await _house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=metal"]);
        Assert.Equal(Errno.EBUSY, await RefusedAsync("alloc", "kind=metal"));
        var removal = await Assert.ThrowsAsync<FileException>(async () => await _house.Admin.CommandAsync("/metal/metal-7/ctl", ["rm"]));
        Assert.Contains("release that first", removal.Message);
    }

    [Fact]
    public async Task Its_power_is_the_nodes_and_a_machine_switched_off_by_hand_is_lost()
    {
        await EnrolAsync();
        await _house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=metal"]);
        await _house.Admin.CommandAsync("/node/n1/ctl", ["power", "off"]);
        Assert.False(_controller.IsOn);
        Assert.Equal(NodeStates.Off, await _house.StateAsync("n1"));
        await _house.Admin.CommandAsync("/node/n1/ctl", ["power", "on"]);
        Assert.True(_controller.IsOn);
        _controller.IsOn = false;
        await using (var wait = await _house.Admin.OpenAsync("/node/n1/wait", OpenFlags.ReadWrite))
        {
            await wait.WriteTextAsync("lost\n");
            Assert.Contains("state=lost", await wait.ReadTextAsync());
        }

        Assert.Contains("switched off", await _house.Admin.ReadTextAsync("/node/n1/status"));
        await _house.Admin.CommandAsync("/node/n1/ctl", ["release"]);
        Assert.Contains("state=free", await LineAsync("/metal/metal-7/status", "state"));
    }

    [Fact]
    public async Task A_boot_device_for_once_is_for_the_next_start_only()
    {
        await EnrolAsync();
        await _house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=metal"]);
        await _house.Admin.CommandAsync("/node/n1/ctl", ["bootdev", "net", "once"]);
        Assert.Contains("bootonce=true", await _house.Admin.ReadTextAsync("/node/n1/status"));
        await _house.Admin.CommandAsync("/node/n1/ctl", ["power", "cycle"]);
        Assert.Equal("boot pxe", Last());
        Assert.DoesNotContain("bootonce=true", await _house.Admin.ReadTextAsync("/node/n1/status"));
        await _house.Admin.CommandAsync("/node/n1/ctl", ["power", "cycle"]);
        Assert.Equal("boot default", Last());

        string Last() => _controller.Told().Last(line => line.StartsWith("boot", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_serial_console_is_a_file_that_is_closed_before_the_machine_is_free()
    {
        await EnrolAsync();
        var token = TestContext.Current.CancellationToken;
        var ann = _house.As(NodeHouse.Ann);
        await ann.CommandAsync("/node/ctl", ["alloc", "kind=metal"]);
        var serial = _controller.AcceptConsoleAsync(token);
        await using var viewer = await ann.OpenAsync("/node/n1/console", OpenFlags.ReadWrite, token);
        await using var other = await ann.OpenAsync("/node/n1/console", OpenFlags.ReadOnly, token);
        await using var machine = await serial;
        await machine.WriteAsync("login: "u8.ToArray(), token);
        var said = new byte[7];
        foreach (var each in (TreeHandle[])[viewer, other])
        {
            for (var length = 0; length < said.Length;)
            {
                length += await each.ReadAsync(said.AsMemory(length), token);
            }

            Assert.Equal("login: ", System.Text.Encoding.ASCII.GetString(said));
        }

        await viewer.WriteTextAsync("root\n", token);
        var typed = new byte[5];
        await machine.ReadExactlyAsync(typed, token);
        Assert.Equal("root\n", System.Text.Encoding.ASCII.GetString(typed));
        await ann.CommandAsync("/node/n1/ctl", ["release"]);
        Assert.Equal(0, await viewer.ReadAsync(said, token));
    }

    [Fact]
    public async Task A_controller_that_lies_fails_the_allocation_and_keeps_the_machine_from_being_free()
    {
        await EnrolAsync();
        _controller.Lies = true;
        var failure = await Assert.ThrowsAsync<FileException>(async () => await _house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=metal"]));
        Assert.Contains("said yes to power on", failure.Message);
        Assert.Contains("state=free", await LineAsync("/metal/metal-7/status", "state"));
        _controller.Lies = false;
        await _house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=metal"]);
        _controller.Lies = true;
        var stuck = await Assert.ThrowsAsync<FileException>(async () => await _house.Admin.CommandAsync("/node/n2/ctl", ["release"]));
        Assert.Contains("said yes to power off", stuck.Message);
        Assert.Contains("state=busy", await LineAsync("/metal/metal-7/status", "state"));
    }

    [Fact]
    public async Task A_controller_that_is_gone_makes_the_machine_broken_with_the_cause()
    {
        await AddAsync("ipmi://127.0.0.1:9");
        await KeepSecretAsync();
        var failure = await Assert.ThrowsAsync<FileException>(async () => await _house.Admin.CommandAsync("/metal/metal-7/ctl", ["inspect"]));
        Assert.Equal(Errno.EHOSTUNREACH, failure.Errno);
        Assert.Contains("state=broken", await LineAsync("/metal/metal-7/status", "state"));
    }

    [Fact]
    public async Task A_daemon_that_was_killed_finds_the_machine_and_its_node_again()
    {
        await EnrolAsync();
        await _house.As(NodeHouse.Ann).CommandAsync("/node/ctl", ["alloc", "kind=metal"]);
        await _house.KillAndHangUpAsync();
        await _metal.DisposeAsync();
        await StartAsync();
        Assert.Equal(NodeStates.Ready, await _house.StateAsync("n1"));
        await _house.As(NodeHouse.Ann).CommandAsync("/node/n1/ctl", ["release"]);
        Assert.False(_controller.IsOn);
    }

    [Fact]
    public async Task Others_neither_add_machines_nor_read_secrets()
    {
        await EnrolAsync();
        var ann = _house.As(NodeHouse.Ann);
        var add = await Assert.ThrowsAsync<FileException>(async () => await ann.CommandAsync("/metal/ctl", ["add", "x", "ipmi://h"]));
        Assert.Contains(add.Errno, new[] { Errno.EPERM, Errno.EACCES });
        await Assert.ThrowsAsync<FileException>(async () => await ann.WriteTextAsync("/metal/m1/secret", "a:b"));
        await Assert.ThrowsAsync<FileException>(async () => await ann.ReadTextAsync("/metal/m1/secret"));
        Assert.DoesNotContain(IpmiSimulator.Password, await _house.Admin.ReadTextAsync("/metal/json"));
        var mode = File.GetUnixFileMode(_directory["m1.secret"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
    }

    [Theory]
    [InlineData("x", "http://h", "write ipmi://")]
    [InlineData("x", "ipmi://u:p@h", "password does not belong")]
    [InlineData("m7", "ipmi://h", "no name")]
    public async Task What_is_no_machine_is_refused_with_what_would_be(string name, string bmc, string sentence)
    {
        var failure = await Assert.ThrowsAsync<FileException>(async () => await _house.Admin.CommandAsync("/metal/ctl", ["add", name, bmc]));
        Assert.Contains(sentence, failure.Message);
    }

    private async Task StartAsync()
    {
        _metal = new MetalService(Quick);
        var options = new NodeServiceOptions { HasHost = false, MoreKinds = [_metal.Kind] };
        _house = await NodeHouse.StartAsync(options, _disk, directory: _directory.Path, before: _metal);
    }

    private async Task EnrolAsync()
    {
        await AddAsync();
        await KeepSecretAsync();
        await _house.Admin.CommandAsync("/metal/metal-7/ctl", ["inspect"]);
    }

    private async Task AddAsync(string? address = null) =>
        await _house.Admin.CommandAsync("/metal/ctl", ["add", "metal-7", address ?? _controller.Address, "mac=02:00:00:04:00:29"]);

    private async Task KeepSecretAsync() => await _house.Admin.WriteTextAsync("/metal/metal-7/secret", IpmiSimulator.Secret + "\n");

    private async Task<Errno> RefusedAsync(params string[] words) =>
        (await Assert.ThrowsAsync<FileException>(async () => await _house.Admin.CommandAsync("/node/ctl", words))).Errno;

    /// <summary>Some pairs of a status line, in the order asked for.</summary>
    private async Task<string> LineAsync(string path, params string[] keys)
    {
        var words = (await _house.Admin.ReadTextAsync(path)).Split(' ', '\n');
        return string.Join(' ', keys.Select(key => words.FirstOrDefault(word => word.StartsWith(key + "=", StringComparison.Ordinal))));
    }
}
