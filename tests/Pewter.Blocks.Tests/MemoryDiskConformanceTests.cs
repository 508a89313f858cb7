using Pewter.Testing.Blocks;
using Pewter.Testing.Conformance;

namespace Pewter.Blocks.Tests;

/// <summary>The disk in memory that other tests stand on keeps the contract itself.</summary>
public sealed class MemoryDiskConformanceTests : BlockDeviceConformance
{
    protected override Task<BlockDevice> CreateAsync() => Task.FromResult<BlockDevice>(new MemoryDisk(DiskLength));

    protected override async Task<BlockDevice> OpenReadOnlyAsync(BlockDevice device)
    {
        byte[] bytes = new byte[DiskLength];
        await device.ReadAsync(0, bytes, Ending);
        return new MemoryDisk(bytes);
    }

    protected override Task ResizeAsync(BlockDevice device, long length)
    {
        ((MemoryDisk)device).Resize(length);
        return Task.CompletedTask;
    }
}
