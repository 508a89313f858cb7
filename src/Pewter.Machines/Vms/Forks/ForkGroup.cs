using System.Collections.Concurrent;
using System.Globalization;
using Pewter.Machines.Qemu;
using Pewter.NineP;

namespace Pewter.Machines.Vms.Forks;

/// <summary>
/// QEMU processes over private views of one memory file. The file is empty when the first of them start; it is filled
/// once, with the memory of the machine that they become, before any of them runs. Owns the file and the processes that
/// were not taken.
/// </summary>
/// <remarks>
/// Safe to use from many threads. When the file's name is gone (<see cref="Seal"/>) the memory lives as long as a
/// process has it mapped, and no process can be added.
/// </remarks>
internal sealed class ForkGroup : IAsyncDisposable
{
    private static long _last;

    private readonly VmPlace _place;
    private readonly ConcurrentQueue<WaitingVm> _waiting = new();
    private readonly bool _isKept;
    private long _started;

    public ForkGroup(VmPlace place, VmShape shape)
    {
        (_place, Shape) = (place, shape);
        Name = string.Create(CultureInfo.InvariantCulture, $"f{Interlocked.Increment(ref _last)}");
        MemoryPath = place.MemoryFile(Name);
        Directory.CreateDirectory(place.MemoryDirectory);
        Directory.CreateDirectory(place.AheadDirectory);
        using var memory = File.OpenHandle(MemoryPath, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.SetLength(memory, shape.Memory);
    }

    /// <summary>A group over memory that is there already and stays: a checkpoint's.</summary>
    public ForkGroup(VmPlace place, VmShape shape, string memoryPath)
    {
        (_place, Shape, MemoryPath, _isKept) = (place, shape, memoryPath, true);
        Name = string.Create(CultureInfo.InvariantCulture, $"f{Interlocked.Increment(ref _last)}");
        Directory.CreateDirectory(place.AheadDirectory);
    }

    public VmShape Shape { get; }

    public string Name { get; }

    /// <summary>The memory's file.</summary>
    public string MemoryPath { get; }

    /// <summary>
    /// The cgroup of processes that are nobody's yet; what is in it when a daemon starts is left from the one before.
    /// </summary>
    public static string WaitingCgroup(VmPlace place) => $"{place.CgroupParent}/ahead";

    /// <summary>Processes that wait.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Starts processes until so many wait.</summary>
    public async Task PrepareAsync(int count, string? statePath, CancellationToken cancellation)
    {
        while (_waiting.Count < count)
        {
            var waiting = await StartAsync([], cancellation);
            if (statePath is not null)
            {
                await waiting.LoadAsync(statePath, cancellation);
            }

            _waiting.Enqueue(waiting);
        }
    }

    /// <summary>A process that waits, or a new one. It is the caller's.</summary>
    public async Task<WaitingVm> TakeAsync(IReadOnlyList<VmDisk> disks, CancellationToken cancellation)
    {
        // One that has a disk is started with it.
        while (disks.Count == 0 && _waiting.TryDequeue(out var waiting))
        {
            if (waiting.Process.IsAlive)
            {
                return waiting;
            }

            await waiting.DisposeAsync();
        }

        return await StartAsync(disks, cancellation);
    }

    /// <summary>Takes the file's name away.</summary>
    public void Seal()
    {
        if (!_isKept)
        {
            File.Delete(MemoryPath);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Seal();
        while (_waiting.TryDequeue(out var waiting))
        {
            await waiting.DisposeAsync();
        }
    }

    private async Task<WaitingVm> StartAsync(IReadOnlyList<VmDisk> disks, CancellationToken cancellation)
    {
        if (!File.Exists(MemoryPath))
        {
            throw new FileException(Errno.ENOENT, "the memory to fork from is gone.");
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"{Name}-{Interlocked.Increment(ref _started)}");
        var files = _place.AheadFiles(name);
        var (process, monitor) = await VmProcess.StartAsync(
            Shape.Waiting($"{_place.Tag}-{name}", files, MemoryPath, disks), WaitingCgroup(_place), [], null, _place.Time, cancellation);
        return new WaitingVm(process, monitor, files, _place.Time);
    }
}
