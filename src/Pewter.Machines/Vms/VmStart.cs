using System.Globalization;
using Pewter.Machines.Nodes;
using Pewter.Machines.Qemu;
using Pewter.Machines.Vms.Forks;

namespace Pewter.Machines.Vms;

/// <summary>
/// Brings machines up: by a boot, from the warm state of one that was booted before, or as a fork of one that runs.
/// Owns the templates and the processes that were started ahead.
/// </summary>
internal sealed class VmStart : IAsyncDisposable
{
    /// <summary>The process in a node's handle.</summary>
    public const string Process = "process";

    /// <summary>When the process started, in a node's handle.</summary>
    public const string Ticks = "ticks";

    /// <summary>The name of the file that the memory is in, in a node's handle.</summary>
    public const string Memory = "memory";

    private readonly VmPlace _place;
    private readonly VmBoot _boot;
    private readonly VmIdentity _identity;

    // More boots at once than twice the processors only slow each other down, until none comes up.
    private readonly SemaphoreSlim _boots = new(2 * Environment.ProcessorCount);

    // A fork is work for a processor from its first to its last instruction.
    private readonly SemaphoreSlim _forks = new(Environment.ProcessorCount);

    public VmStart(VmPlace place, VmCards cards)
    {
        (_place, _boot, _identity) = (place, new VmBoot(place.Time, place.Options.BootSilence), new VmIdentity(cards, place.Time));
        (Pool, Templates) = (new ForkPool(place), new WarmTemplates(place));
    }

    public ForkPool Pool { get; }

    public WarmTemplates Templates { get; }

    /// <summary>Brings a machine up; its handle says afterwards where it is.</summary>
    public async ValueTask StartAsync(NodeWork work, CancellationToken cancellation)
    {
        var spec = VmSpec.Of(work.Spec);
        var accelerator = await _place.AcceleratorAsync();
        var shape = VmShape.Of(spec, accelerator);
        if (work.Node.Origin is IVmOrigin fork && !work.Record.WasReady)
        {
            await ForkAsync(work, fork, cancellation);
        }
        else if (shape is not null && spec is { Kernel: not null, Image.HasDisk: false })
        {
            await WarmOrBootAsync(work, spec, accelerator, shape, cancellation);
        }
        else
        {
            await BootAsync(work, spec, accelerator, null, cancellation);
        }

        if (shape is not null && !spec.Image.HasDisk)
        {
            Pool.Want(shape);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Templates.DisposeAsync();
        await Pool.DisposeAsync();
        _boots.Dispose();
        _forks.Dispose();
    }

    private async ValueTask WarmOrBootAsync(
        NodeWork work, VmSpec spec, Accelerator accelerator, VmShape shape, CancellationToken cancellation)
    {
        var key = TemplateKey.Of(shape, spec.Image, VmImages.CommandLine(spec.Image, accelerator));
        var (made, tell) = Templates.Ask(key);
        if (tell is not null)
        {
            WarmTemplate? template = null;
            try
            {
                await BootAsync(work, spec, accelerator, async (process, monitor, memory) => template = await Templates.MakeAsync(
                    shape, process, monitor, memory, cancellation), cancellation);
            }
            finally
            {
                tell(template);
            }
        }
        else if (await made.WaitAsync(cancellation) is { } warm)
        {
            await WakeAsync(work, () => Templates.TakeAsync(warm, cancellation), warm.Group.MemoryPath, "a warm template", cancellation);
        }
        else
        {
            await BootAsync(work, spec, accelerator, null, cancellation);
        }
    }

    private async ValueTask BootAsync(
        NodeWork work, VmSpec spec, Accelerator accelerator, Func<VmProcess, QmpClient, string, Task>? booted, CancellationToken cancellation)
    {
        await _boots.WaitAsync(cancellation);
        try
        {
            var memory = spec.NumaNodes == 1 ? _place.MemoryFile(work.Record.Id) : null;
            var model = Model(work, spec, accelerator, memory);
            Directory.CreateDirectory(_place.MemoryDirectory);
            var network = spec.Queues > 1 ? work["eth0.netns"] : null;
            var (process, monitor) = await VmProcess.StartAsync(model, _place.Cgroup(work.Record), spec.Pins, network, _place.Time, cancellation);
            await using var owned = monitor;
            Remember(work, process, memory);
            if (memory is not null)
            {
                // It lives as long as the machine has it mapped.
                File.Delete(memory);
            }

            work.Note($"{VmPlace.QemuPath} {string.Join(' ', QemuCommandLine.Build(model))}");
            await VmCards.PlugAsync(work, monitor, cancellation);
            work.Enter(model.Kernel is null ? "firmware" : "kernel");
            if (spec.HasAgent)
            {
                var agent = await _boot.AwaitAgentAsync(work, process, model.Files, cancellation);
                if (booted is not null && memory is not null)
                {
                    await booted(process, monitor, memory);
                }

                await _identity.TellAsync(agent, work, cancellation);
            }
        }
        finally
        {
            _boots.Release();
        }
    }

    private async ValueTask ForkAsync(NodeWork work, IVmOrigin fork, CancellationToken cancellation)
    {
        var group = await fork.GroupAsync.WaitAsync(cancellation);
        await WakeAsync(
            work,
            async () =>
            {
                var waiting = await group.TakeAsync(VmDisks.Of(key => work[key]), cancellation);
                try
                {
                    await waiting.LoadAsync(fork.StatePath, cancellation);
                    return waiting;
                }
                catch
                {
                    await waiting.DisposeAsync();
                    throw;
                }
            },
            group.MemoryPath,
            fork.Name,
            cancellation);
    }

    /// <summary>Makes a machine that stands still in the state of another a machine of its own.</summary>
    private async ValueTask WakeAsync(
        NodeWork work, Func<Task<WaitingVm>> take, string memory, string origin, CancellationToken cancellation)
    {
        await _forks.WaitAsync(cancellation);
        try
        {
            await using var vm = await take();
            await vm.TakeAsync(_place.Files(work.Record), _place.Cgroup(work.Record));
            Remember(work, vm.Process, memory);
            work.Note($"process {vm.Process.Id}, a copy of {origin}");
            foreach (var thread in VmSpec.Of(work.Spec).Pins.Count > 0 ? Directory.EnumerateDirectories($"/proc/{vm.Process.Id}/task") : [])
            {
                Linux.Processes.ProcessControl.SetCpus(
                    int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), VmSpec.Of(work.Spec).Pins);
            }

            await vm.Monitor.ExecuteAsync("cont", null, cancellation);
            work.Enter("agent");
            var agent = await _boot.AwaitAgentAsync(work, vm.Process, vm.Files, cancellation);
            await _identity.TellAsync(agent, work, cancellation);
            await VmCards.PlugAsync(work, vm.Monitor, cancellation);
        }
        finally
        {
            _forks.Release();
        }
    }

    private static void Remember(NodeWork work, VmProcess process, string? memory)
    {
        work[Process] = process.Id.ToString(CultureInfo.InvariantCulture);
        work[Ticks] = process.Ticks.ToString(CultureInfo.InvariantCulture);
        if (memory is not null)
        {
            work[Memory] = memory;
        }
    }

    private VmNic Card(NodeWork work, VmSpec spec, int card) => new(
        VmCards.DeviceName(card),
        work[$"eth{card}.mac"] ?? _place.Mac(work.Record, card),
        CanBoot: spec.Boot == "net" && card == 0,
        spec.Queues,
        work[$"eth{card}.port"]);

    private VmModel Model(NodeWork work, VmSpec spec, Accelerator accelerator, string? memory) => new()
    {
        Name = $"{_place.Tag}-{work.Record.Id}",
        Files = _place.Files(work.Record),
        MachineType = spec.Machine,
        Accelerator = accelerator,
        Memory = new VmMemory(spec.Memory, memory, IsShared: true),
        Cpus = spec.Cpus,
        NumaNodes = spec.NumaNodes,
        Kernel = spec.Kernel,
        Initramfs = spec.Image.Initramfs,
        BootOrder = spec.Boot == "net" ? "n" : "c",
        Disks = VmDisks.Of(key => work[key]),
        CommandLine = VmImages.CommandLine(spec.Image, accelerator),
        Nics = [.. Enumerable.Range(0, spec.Nics).Select(card => Card(work, spec, card))],
        SerialNumber = work[VmSeeds.Url] is { } url ? $"ds=nocloud-net;s={url}" : null,
        GdbSocket = spec.HasGdb ? _place.Files(work.Record).Gdb : null,
    };
}
