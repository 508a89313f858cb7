using System.Globalization;
using System.Text.Json;
using Pewter.Machines.Nodes;
using Pewter.Machines.Vms.Forks;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Machines.Vms;

/// <summary>
/// Checkpoints of machines: a directory each, with the memory, the state of the devices and a description, which is
/// written last: without it there is no checkpoint. The disk is an image of the service that has disks.
/// </summary>
internal sealed class VmCheckpoints(VmPlace place, ForkPool pool, VmDisks disks)
{
    private const string Description = "checkpoint.json";
    private const string MemoryFile = "memory";
    private const string StateFile = "state";
    private const string Half = ".half";

    private string Root => Path.Combine(place.StateDirectory, "checkpoints");

    public IEnumerable<string> List(Caller caller)
    {
        foreach (var directory in Directories().Order(StringComparer.Ordinal))
        {
            if (Read(Path.GetFileName(directory)) is { } found && MayUse(found, caller))
            {
                var created = found.Created.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
                yield return $"{Path.GetFileName(directory)} node={found.Node} created={created} user={found.Owner.User}";
            }
        }
    }

    public async ValueTask TakeAsync(
        Node node, string name, VmShape shape, Func<Func<Task>, Task> exclusive, CancellationToken cancellation)
    {
        if (!FileNames.IsValid(name) || name.StartsWith('.') || name.EndsWith(Half, StringComparison.Ordinal))
        {
            throw new FileException(Errno.EINVAL, $"'{name}' cannot be a checkpoint's name: letters, digits, '-', '_' and '.'.");
        }

        if (Read(name) is not null)
        {
            throw new FileException(Errno.EEXIST, $"There is a checkpoint '{name}' already; 'forget {name}' removes it.");
        }

        var half = Path.Combine(Root, name + Half);
        Remove(half);
        Directory.CreateDirectory(half);
        await using var fork = new VmFork(place, pool, disks, shape, node, exclusive, cancellation) { KeepsDisk = true };
        try
        {
            var group = await fork.GroupAsync;
            await CopyAsync(group.MemoryPath, Path.Combine(half, MemoryFile), cancellation);
            await CopyAsync(fork.StatePath, Path.Combine(half, StateFile), cancellation);
            var checkpoint = new Checkpoint
            {
                Owner = node.Record.Owner, Spec = node.Record.Spec, Shape = shape, Node = node.Id, Created = place.Time.GetUtcNow(),
                DiskImage = await fork.DiskImageAsync,
            };
            await using (var file = new FileStream(Path.Combine(half, Description), FileMode.Create))
            {
                await JsonSerializer.SerializeAsync(file, checkpoint, CheckpointJson.Default.Checkpoint, cancellation);
                file.Flush(flushToDisk: true);
            }

            Directory.Move(half, Path.Combine(Root, name));
            _ = Linux.Files.FileCalls.SyncDirectory(Root);
        }
        catch
        {
            Remove(half);
            throw;
        }
    }

    /// <summary>A checkpoint that a caller may use.</summary>
    /// <exception cref="FileException">ENOENT.</exception>
    public (NodeSpec Spec, IAsyncDisposable Origin) Open(string name, Caller caller)
    {
        var found = Demand(name, caller);
        var directory = Path.Combine(Root, name);
        return (found.Spec, new Restored(
            name,
            Path.Combine(directory, StateFile),
            new ForkGroup(place, found.Shape, Path.Combine(directory, MemoryFile)),
            found.DiskImage));
    }

    public async ValueTask ForgetAsync(string name, Caller caller, CancellationToken cancellation)
    {
        var found = Demand(name, caller);
        Remove(Path.Combine(Root, name));
        if (found.DiskImage is { } image)
        {
            await VmDisks.DropImageAsync(place.Context.Client(), image, cancellation);
        }
    }

    private IEnumerable<string> Directories() => Directory.Exists(Root) ? Directory.EnumerateDirectories(Root) : [];

    private static bool MayUse(Checkpoint checkpoint, Caller caller) =>
        caller.IsAdmin || checkpoint.Owner.User == caller.User || caller.Groups.Contains(checkpoint.Owner.Group);

    private static void Remove(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // Holes stay holes: a machine has not touched most of its memory.
    private static async Task CopyAsync(string from, string to, CancellationToken cancellation) => await Task.Run(
        () =>
        {
            using var source = File.OpenHandle(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var target = File.OpenHandle(to, FileMode.Create, FileAccess.Write);
            var length = RandomAccess.GetLength(source);
            RandomAccess.SetLength(target, length);
            var buffer = new byte[1 << 20];
            for (var at = Linux.Files.FileCalls.NextData(source, 0); at >= 0 && at < length; at = Linux.Files.FileCalls.NextData(source, at))
            {
                var hole = Linux.Files.FileCalls.NextHole(source, at);
                for (; at < hole; at += buffer.Length)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var count = RandomAccess.Read(source, buffer.AsSpan(0, (int)Math.Min(buffer.Length, hole - at)), at);
                    RandomAccess.Write(target, buffer.AsSpan(0, count), at);
                }

                at = hole;
            }

            _ = Linux.Files.FileCalls.DataSync(target);
        },
        cancellation);

    private Checkpoint Demand(string name, Caller caller) => FileNames.IsValid(name) && Read(name) is { } found && MayUse(found, caller)
        ? found : throw new FileException(Errno.ENOENT, $"There is no checkpoint '{name}'; /node/checkpoints lists those there are.");

    private Checkpoint? Read(string name)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(Root, name, Description)), CheckpointJson.Default.Checkpoint);
        }
        catch (Exception missing) when (missing is IOException or JsonException)
        {
            // None, or half of one.
            return null;
        }
    }

    private sealed record Restored(string Checkpoint, string StatePath, ForkGroup Group, string? DiskImage) : IVmOrigin
    {
        public string Name => $"the checkpoint {Checkpoint}";

        public Task<ForkGroup> GroupAsync => Task.FromResult(Group);

        public Task<string?> DiskImageAsync => Task.FromResult(DiskImage);

        public ValueTask DisposeAsync() => Group.DisposeAsync();
    }
}
