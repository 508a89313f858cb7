using Pewter.Blocks.Rbd;
using Pewter.Testing.Ceph;
using Pewter.Testing.Conformance;

namespace Pewter.Blocks.Tests.Rbd;

/// <summary>An RBD image keeps the contract of block devices.</summary>
[Collection(CephCollection.Name)]
public sealed class RbdConformanceTests(CephFixture ceph) : BlockDeviceConformance, IAsyncLifetime
{
    private readonly string _name = $"pw-{Guid.NewGuid():N}";
    private RbdCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await RbdCluster.ConnectAsync(new RbdConfig(ceph.ConfigurationFile, "rbd"), Ending);

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    protected override async Task<BlockDevice> CreateAsync()
    {
        await _cluster.CreateAsync(_name, DiskLength, Ending);
        return await _cluster.OpenAsync(_name, snapshot: null, Ending);
    }

    protected override async Task<BlockDevice> OpenReadOnlyAsync(BlockDevice device)
    {
        await _cluster.SnapshotAsync(_name, "frozen", Ending);
        return await _cluster.OpenAsync(_name, "frozen", Ending);
    }

    protected override Task ResizeAsync(BlockDevice device, long length) => _cluster.ResizeAsync(_name, length, Ending);
}
