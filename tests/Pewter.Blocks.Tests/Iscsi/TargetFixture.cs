using System.Net;
using Pewter.Blocks.Iscsi;
using Pewter.Blocks.Scsi;
using Pewter.Testing.Blocks;

namespace Pewter.Blocks.Tests.Iscsi;

/// <summary>A server on loopback with one target, whose LUN 0 is a disk in memory.</summary>
public sealed class TargetFixture : IAsyncDisposable
{
    public const string TargetName = "iqn.2026-11.example.pewter:disk";
    public const string Initiator = "iqn.2026-11.example.client:one";

    public TargetFixture(
        IReadOnlyList<IscsiAccessConfig>? access = null,
        IscsiLimits? limits = null,
        BlockDevice? device = null,
        TimeProvider? time = null,
        int port = 0)
    {
        Disk = device ?? new MemoryDisk(64 << 20);
        Unit = new LogicalUnit(Disk, new UnitIdentity("d1"));
        Server = new IscsiServer(limits, time);
        Server.Happened += (_, e) => Events.Add(e);
        Publish(TargetName, access ?? [new IscsiAccessConfig(IscsiAccessConfig.AnyInitiator)]);
        Portal = Server.Listen(new IPEndPoint(IPAddress.Loopback, port));
    }

    public BlockDevice Disk { get; }

    public LogicalUnit Unit { get; }

    public IscsiServer Server { get; }

    public IPEndPoint Portal { get; }

    public System.Collections.Concurrent.ConcurrentBag<IscsiEvent> Events { get; } = [];

    public string Url => $"iscsi://{Portal}/{TargetName}/0";

    public void Publish(string name, IReadOnlyList<IscsiAccessConfig> access, LogicalUnit? unit = null)
    {
        var config = new IscsiTargetConfig(name)
        {
            Units = new Dictionary<ushort, LogicalUnit> { [0] = unit ?? Unit },
            Access = access,
        };
        Server.Publish(IscsiTargetModel.TryCreate(config, out IReadOnlyList<string> errors)
            ?? throw new ArgumentException(string.Join("; ", errors)));
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Disk.DisposeAsync();
    }
}
