using System.Diagnostics;
using System.Text.Json;
using Pewter.Hosting;
using Pewter.Hosting.Events;
using Pewter.Hosting.Ledger;
using Pewter.Hosting.Logging;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Testing;
using Pewter.Tree;

namespace Pewter.Images.Tests.Library;

/// <summary>
/// A daemon with nothing but the image service and a real disk server, over a store in memory and a directory that outlive it. What is left in the
/// kernel at the end is a failure, and taken away.
/// </summary>
internal sealed class ImageHouse : IAsyncDisposable
{
    private readonly MemoryDisk _disk = new();
    private readonly TemporaryDirectory _directory = new();
    private ImageServiceOptions _options;
    private StateStore _store = null!;
    private EventJournal _events = null!;
    private ImageService _service = null!;

    private ImageHouse(ImageServiceOptions options) => _options = Prepared(options);

    public static Caller Ann { get; } = new() { User = "ann", Uid = 1001, Gid = 1001, Groups = ["lab"] };

    public static Caller Ben { get; } = new() { User = "ben", Uid = 1002, Gid = 1002, Groups = ["else"] };

    public TreeDirectory Root { get; private set; } = null!;

    public TreeClient Admin => As(Caller.System);

    public string Scratch => _directory.Path;

    /// <summary>Told at each step of a change; throws to end the daemon there.</summary>
    public Func<string, ValueTask>? Step { get; set; }

    public int Blockd => _service.Status().Where(pair => pair.Key == "blockd").Select(pair => int.Parse(pair.Value)).FirstOrDefault();

    public static async Task<ImageHouse> StartAsync(ImageServiceOptions? options = null)
    {
        var house = new ImageHouse(options ?? new ImageServiceOptions());
        await house.RestartAsync();
        return house;
    }

    /// <summary>Another daemon over the same state; the one before must have been killed.</summary>
    public async Task RestartAsync(ImageServiceOptions? options = null)
    {
        _options = options is null ? _options : Prepared(options);
        _store = StateStore.OpenMemory(_disk);
        await _store.LeadAsync(default);
        _events = await EventJournal.OpenAsync(_store, "{\"event\":\"up\"}"u8.ToArray(), default);
        _service = new ImageService(_options);
        Root = new TreeDirectory();
        await _service.StartAsync(
            new ServiceContext
            {
                Root = Root, Store = _store, Events = _events, Ledger = new ResourceLedger(_store),
                Log = new LogSink(TextWriter.Null, TimeProvider.System).For("image"),
                StateDirectory = _directory.Path, RunDirectory = _directory.Path, Time = TimeProvider.System, MachineName = "test",
            },
            default);
    }

    public TreeClient As(Caller caller) => new(Root, caller);

    /// <summary>A raw image of a few megabytes, a pattern at its start and zeroes after it.</summary>
    public string Raw(string name = "golden.raw", int megabytes = 4, byte pattern = 0x5A)
    {
        var path = Path.Combine(Scratch, name);
        using var file = File.Create(path);
        file.Write(Enumerable.Repeat(pattern, 1 << 20).ToArray());
        file.SetLength((long)megabytes << 20);
        return path;
    }

    /// <summary>Gives a command to the ctl of <c>/image</c>, <c>/disk</c> or one in them.</summary>
    public async Task<IReadOnlyList<CommandReply>> SayAsync(string directory, params string[] words) =>
        await Admin.CommandAsync(directory + "/ctl", words);

    public Task<IReadOnlyList<CommandReply>> ImportAsync(string name = "golden") => SayAsync("/image", "import", Raw(), name);

    public async Task<JsonElement> JsonAsync(string path) =>
        JsonDocument.Parse(await Admin.ReadTextAsync(path + "/json")).RootElement.Clone();

    /// <summary>What a disk holds, by a real client.</summary>
    public async Task<byte[]> ReadDiskAsync(string disk, int bytes = 4096)
    {
        var uri = (await Admin.ReadTextAsync($"/disk/{disk}/nbd")).Trim();
        var file = Path.Combine(Scratch, $"read-{disk}");
        Run("qemu-img", "convert", "-f", "raw", "-O", "raw", uri, file);
        return File.ReadAllBytes(file)[..bytes];
    }

    /// <summary>Writes to a disk, by a real client.</summary>
    public async Task WriteDiskAsync(string disk, byte pattern)
    {
        var uri = (await Admin.ReadTextAsync($"/disk/{disk}/nbd")).Trim();
        Run("qemu-io", "-f", "raw", "-c", $"write -P {pattern} 0 4096", "-c", "flush", uri);
    }

    /// <summary>The ids of the disks that the disk server has.</summary>
    public async Task<IReadOnlyList<string>> ServedAsync(string collection = "disk")
    {
        using var json = JsonDocument.Parse(await AskServerAsync($"/{collection}/json"));
        return [.. json.RootElement.EnumerateArray().Select(each => each.GetProperty("id").GetString()!)];
    }

    /// <summary>What the disk server says of one of its disks.</summary>
    public async Task<JsonElement> ServedJsonAsync(string disk) =>
        JsonDocument.Parse(await AskServerAsync($"/disk/{disk}/json")).RootElement.Clone();

    /// <summary>The end of a killed daemon: its store takes nothing any more.</summary>
    public async Task KillAsync()
    {
        await _store.DisposeAsync();
        await _service.DisposeAsync();
        await _events.DisposeAsync();
    }

    public void KillBlockd() => Kill(Blockd);

    public void Kill(int id)
    {
        using var process = Process.GetProcessById(id);
        process.Kill();
    }

    public async ValueTask DisposeAsync()
    {
        Step = null;
        var resources = await new ResourceLedger(_store).ListAsync(default);
        await _service.DisposeAsync();
        await _events.DisposeAsync();
        await _store.DisposeAsync();
        var cleaner = new ResourceCleaner();
        foreach (var resource in resources.OrderBy(resource => resource.Kind != KernelResourceKind.Cgroup))
        {
            cleaner.Remove(resource);
        }

        await Until.TrueAsync(() => !resources.Any(cleaner.Exists), "nothing is left in the kernel");
        _directory.Dispose();
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {error.Result}");
    }

    private async Task<string> AskServerAsync(string path)
    {
        await using var client = await Pewter.Sdk.PewterClient.ConnectAsync("unix:" + Path.Combine(Scratch, "disk", "control.sock"));
        return await client.Tree.ReadTextAsync(path);
    }

    private ImageServiceOptions Prepared(ImageServiceOptions options) => options with
    {
        BlockdPath = Path.Combine(AppContext.BaseDirectory, "pewter-blockd"), AtStep = AtStepAsync,
    };

    private ValueTask AtStepAsync(string step) => Step?.Invoke(step) ?? default;
}
