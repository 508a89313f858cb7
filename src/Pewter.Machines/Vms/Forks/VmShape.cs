using Pewter.Machines.Qemu;

namespace Pewter.Machines.Vms.Forks;

/// <summary>What must be equal of two machines for the state of one to fit the other. Immutable.</summary>
/// <param name="Machine">QEMU's machine type.</param>
/// <param name="Accelerator">What runs it.</param>
/// <param name="Memory">Bytes of memory.</param>
/// <param name="Cpus">Virtual CPUs.</param>
/// <param name="Nics">Network cards.</param>
internal sealed record VmShape(string Machine, Accelerator Accelerator, long Memory, int Cpus, int Nics)
{
    /// <summary>The shape of a machine; null when its state cannot be carried over to another.</summary>
    public static VmShape? Of(VmSpec spec, Accelerator accelerator) =>
        spec is { NumaNodes: 1, Queues: 1, HasGdb: false, HasAgent: true, UserData: null }
            ? new(spec.Machine, accelerator, spec.Memory, spec.Cpus, spec.Nics) : null;

    /// <summary>A machine of this shape that waits for a state, over a private view of the memory in a file.</summary>
    public VmModel Waiting(string name, VmFiles files, string memoryPath, IReadOnlyList<VmDisk>? disks = null) => new()
    {
        Name = name,
        Files = files,
        MachineType = Machine,
        Accelerator = Accelerator,
        Memory = new VmMemory(Memory, memoryPath),
        Cpus = Cpus,
        Nics = [.. Enumerable.Range(0, Nics).Select(card => new VmNic(VmCards.DeviceName(card), VmCards.AnyMac(card)))],
        Disks = disks ?? [],
        IsIncoming = true,
    };
}
