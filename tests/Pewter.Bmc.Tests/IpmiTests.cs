using Pewter.Testing.Bmc;

namespace Pewter.Bmc.Tests;

/// <summary>IPMI against a controller that others wrote.</summary>
public sealed class IpmiTests : IAsyncLifetime
{
    private IpmiSimulator _simulator = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (!IpmiSimulator.IsThere)
            Assert.Skip("skipped, because it needs the package openipmi");
        _simulator = await IpmiSimulator.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_simulator is not null)
            await _simulator.DisposeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("?cipher=3")]
    public async Task Power_is_asked_for_and_changed(string options)
    {
        await using var bmc = Open(options);
        Assert.Equal(PowerState.Off, await bmc.PowerAsync(Token));
        await bmc.SetPowerAsync(PowerAction.On, Token);
        Assert.Equal(PowerState.On, await bmc.PowerAsync(Token));
        await bmc.SetPowerAsync(PowerAction.Reset, Token);
        await bmc.SetPowerAsync(PowerAction.Off, Token);
        Assert.Equal(PowerState.Off, await bmc.PowerAsync(Token));
        Assert.Equal(["power 1", "reset", "power 0"], _simulator.Told());
    }

    [Fact]
    public async Task A_cycle_of_a_machine_that_is_off_starts_it()
    {
        await using var bmc = Open();
        await bmc.SetPowerAsync(PowerAction.Cycle, Token);
        Assert.Equal(["power 1"], _simulator.Told());
    }

    // The simulator passes only pxe on to its script, and reads back flags that it does not call valid.
    [Fact]
    public async Task A_boot_device_reaches_the_machine()
    {
        await using var bmc = Open();
        await bmc.SetBootAsync(new BootOverride(BootDevice.Pxe, IsOnce: true), Token);
        Assert.Equal(["boot pxe"], _simulator.Told());
        Assert.Equal(new BootOverride(BootDevice.Default), await bmc.BootAsync(Token));
    }

    [Fact]
    public async Task A_boot_over_HTTP_is_more_than_IPMI_knows()
    {
        await using var bmc = Open();
        var failure = await Assert.ThrowsAsync<BmcException>(async () => await bmc.SetBootAsync(new BootOverride(BootDevice.Http), Token));
        Assert.Equal(BmcFault.Unsupported, failure.Fault);
    }

    [Fact]
    public async Task The_serial_console_carries_bytes_both_ways()
    {
        await using var bmc = Open();
        var machine = _simulator.AcceptConsoleAsync(Token);
        await using var console = await bmc.OpenConsoleAsync(Token);
        await using var serial = await machine;
        await serial.WriteAsync("login: "u8.ToArray(), Token);
        Assert.Equal("login: ", await ReadAsync(console, 7));
        var typed = string.Concat(Enumerable.Repeat("0123456789", 100));
        await console.WriteAsync(System.Text.Encoding.ASCII.GetBytes(typed), Token);
        Assert.Equal(typed, await ReadAsync(serial, typed.Length));
    }

    [Fact]
    public async Task A_controller_that_is_not_there_is_silent()
    {
        var address = BmcAddress.TryParse("ipmi://127.0.0.1:9", out _)!;
        await using var bmc = BmcConnector.Open(address, new BmcCredentials("a", "b"), TimeProvider.System);
        Assert.Equal(BmcFault.Silent, (await Assert.ThrowsAsync<BmcException>(async () => await bmc.PowerAsync(Token))).Fault);
    }

    [Fact]
    public async Task A_machine_says_who_it_is()
    {
        await using var bmc = Open();
        var identity = await bmc.IdentifyAsync(Token);
        Assert.Equal(("enterprise 4753", "product 3842"), (identity.Manufacturer, identity.Model));
        Assert.NotEqual("", identity.Uuid);
    }

    [Fact]
    public async Task A_wrong_password_is_denied_and_not_shown()
    {
        await using var bmc = BmcConnector.Open(Address(), new BmcCredentials(IpmiSimulator.User, "not-it"), TimeProvider.System);
        var failure = await Assert.ThrowsAsync<BmcException>(async () => await bmc.PowerAsync(Token));
        Assert.Equal(BmcFault.Denied, failure.Fault);
        Assert.DoesNotContain("not-it", failure.ToString());
    }

    [Fact]
    public async Task A_user_who_is_unknown_is_denied()
    {
        await using var bmc = BmcConnector.Open(Address(), new BmcCredentials("nobody", "x"), TimeProvider.System);
        Assert.Equal(BmcFault.Denied, (await Assert.ThrowsAsync<BmcException>(async () => await bmc.PowerAsync(Token))).Fault);
    }

    [Fact]
    public async Task Sessions_are_closed_so_that_a_hundred_operations_find_one()
    {
        await using var bmc = Open();
        for (var i = 0; i < 100; i++)
            await bmc.PowerAsync(Token);
    }

    private static async Task<string> ReadAsync(Stream stream, int length)
    {
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token);
        return System.Text.Encoding.ASCII.GetString(bytes);
    }

    private BmcAddress Address(string options = "") => BmcAddress.TryParse(_simulator.Address + options, out _)!;

    private IBmc Open(string options = "") =>
        BmcConnector.Open(Address(options), new BmcCredentials(IpmiSimulator.User, IpmiSimulator.Password), TimeProvider.System);
}
