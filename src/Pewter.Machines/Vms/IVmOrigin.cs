using Pewter.Machines.Vms.Forks;

namespace Pewter.Machines.Vms;

/// <summary>The state that machines take over instead of booting: of one that runs, or of a checkpoint.</summary>
internal interface IVmOrigin : IAsyncDisposable
{
    /// <summary>What it is, for the log.</summary>
    string Name { get; }

    /// <summary>The state of the devices; there when <see cref="GroupAsync"/> has ended.</summary>
    string StatePath { get; }

    /// <summary>Processes over the memory.</summary>
    Task<ForkGroup> GroupAsync { get; }

    /// <summary>The image that the disk was frozen as; null when there is no disk.</summary>
    Task<string?> DiskImageAsync { get; }
}
