using System.Text.Json;
using Pewter.Testing;

namespace Pewter.Networks.Tests;

/// <summary>A machine of a test: a namespace with the free end of a port in it.</summary>
internal sealed class Machine : IAsyncDisposable
{
    private static int _count;

    private readonly string _name = $"pwm{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";

    /// <summary>The namespace's path.</summary>
    public string Path => $"/run/netns/{_name}";

    /// <summary>Takes the free end of a port, as what <c>connect</c> answered says, without an address.</summary>
    public static async Task<Machine> PlugAsync(JsonElement port)
    {
        var machine = new Machine();
        await machine.DoAsync($"ip netns add {machine._name} && ip -n {machine._name} link set lo up");
        await machine.TakeAsync(port, "eth0");
        return machine;
    }

    /// <summary>Takes one more port.</summary>
    public Task TakeAsync(JsonElement port, string card)
    {
        var (network, name) = (System.IO.Path.GetFileName(port.GetProperty("netns").GetString()!), port.GetProperty("port").GetString());
        return DoAsync($"ip -n {network} link set {name} netns {_name} name {card} && ip -n {_name} link set {card} up");
    }

    /// <summary>Gives a card the address that it was told.</summary>
    public Task AddressAsync(JsonElement port, string card = "eth0") =>
        DoAsync($"ip -n {_name} addr add {port.GetProperty("address").GetString()} dev {card}");

    /// <summary>Runs a script there.</summary>
    public Task<ShellResult> RunAsync(string script) =>
        Shell.RunAsync($"exec nsenter --net={Path} bash -c '{script.Replace("'", "'\\''", StringComparison.Ordinal)}'");

    /// <summary>Whether an address answers, within some tries.</summary>
    public async Task<bool> ReachesAsync(string address, int seconds = 10) =>
        (await RunAsync($"for i in $(seq {seconds}); do ping -c1 -W1 {address} >/dev/null 2>&1 && exit 0; done; exit 1")).ExitCode == 0;

    public async ValueTask DisposeAsync() => await Shell.RunAsync($"ip netns del {_name}");

    private async Task DoAsync(string script)
    {
        var result = await Shell.RunAsync(script);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"{script}: {result.Errors.Trim()}");
    }
}
