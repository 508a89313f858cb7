using System.Text.Json;
using Pewter.Testing.Bmc;
using Pewter.Testing.Guests;

namespace Pewter.System.Tests;

/// <summary>A system with one network, <c>lab</c>, and physical machines that are plugged into it. All of it is gone afterwards.</summary>
internal sealed class MetalLab : IAsyncDisposable
{
    private readonly List<EmulatedMachine> _machines = [];
    private string? _network;

    private MetalLab(PewterSystem system) => System = system;

    public PewterSystem System { get; }

    public static async Task<MetalLab> StartAsync()
    {
        Programs.RequireCells();
        Assert.SkipUnless(
            File.Exists(Path.Combine(Cache(), "kernels/cloud-6.1/release")), "skipped, because there is no guest kernel: run 'eng/kernels.sh cloud-6.1'");
        Assert.SkipUnless(IpmiSimulator.IsThere, "skipped, because it needs the package openipmi");
        var lab = new MetalLab(await PewterSystem.UpAsync(("PEWTER_CACHE", Cache())));
        lab.System.Patience = TimeSpan.FromMinutes(6);
        await lab.MustAsync("net", "create", "lab", "--cidr", "10.42.0.0/24");
        using var json = JsonDocument.Parse(await lab.MustAsync("cat", "/net/lab/json"));
        lab._network = json.RootElement.GetProperty("netns").GetString();
        return lab;
    }

    /// <summary>Makes a machine, plugs it in and adds it to the inventory.</summary>
    public async Task<EmulatedMachine> AddAsync(string name, bool uefi = false, int memory = 512)
    {
        var machine = await EmulatedMachine.StartAsync();
        _machines.Add(machine);
        await machine.PlugAsync(_network!, uefi, memory);
        var secret = Path.Combine(System.State, $"{name}.secret");
        await File.WriteAllTextAsync(secret, IpmiSimulator.Secret);
        await MustAsync("node", "add", name, "--bmc", machine.Controller.Address, "--mac", machine.Mac, "--secret-file", secret);
        return machine;
    }

    /// <summary>Imports Debian with the agent in it, as the image <c>debian</c>.</summary>
    public async Task ImportDebianAsync(string variant = "")
    {
        Assert.SkipUnless(
            DebianDisk.IsThere(Cache(), variant), $"skipped, because there is no Debian disk: run 'eng/debian-disk.sh {variant.TrimStart('-')}'");
        var disk = await DebianDisk.WithAgentAsync(Cache(), Programs.Agent!, System.State, variant);
        await MustAsync("image", "import", disk, "--name", "debian");
        File.Delete(disk);
    }

    /// <summary>Runs a line of shell on a node and gives its output.</summary>
    public Task<string> ShellAsync(string node, string line) => MustAsync("run", "--on", $"name={node}", "--", "/bin/sh", "-c", line);

    /// <summary>Runs a line of shell of this machine inside of the network, where it is nobody's member.</summary>
    public async Task<string> InsideAsync(string line) =>
        (await Testing.Shell.RunAsync($"exec nsenter --net={_network} bash -c '{line.Replace("'", "'\\''", StringComparison.Ordinal)}'")).Output;

    /// <summary>kill -9 of the disk server.</summary>
    public async Task KillDiskServerAsync()
    {
        var status = await MustAsync("cat", "/status");
        var process = status.Split(' ', '\n').Single(word => word.StartsWith("blockd=", StringComparison.Ordinal))["blockd=".Length..];
        using var server = global::System.Diagnostics.Process.GetProcessById(int.Parse(process, global::System.Globalization.CultureInfo.InvariantCulture));
        server.Kill();
        await server.WaitForExitAsync();
    }

    /// <summary>Runs <c>pewter</c> with these words, which must succeed; what machines said is shown when it does not.</summary>
    public async Task<string> MustAsync(params string[] words)
    {
        var result = await System.RunAsync(words);
        if (result.ExitCode == 0)
            return result.Output;
        Assert.Fail($"pewter {string.Join(' ', words)}: {result.Error}{result.Output}\n{await TraceAsync()}");
        return "";
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            foreach (var machine in _machines)
                await machine.DisposeAsync();
        }
        finally
        {
            await System.DisposeAsync();
        }
    }

    private async Task<string> TraceAsync() => string.Join(
        '\n', [(await System.RunAsync("cat", "/net/lab/log")).Output, .. _machines.Select(machine => machine.Serial)]);

    // The home of a test's system is its own; the kernels are the machine's.
    private static string Cache() => Environment.GetEnvironmentVariable("PEWTER_CACHE") ?? Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "pewter");
}
