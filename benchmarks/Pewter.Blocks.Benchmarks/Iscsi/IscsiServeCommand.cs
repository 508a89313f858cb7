using System.Net;
using Pewter.Blocks.Iscsi;
using Pewter.Blocks.Layers;
using Pewter.Blocks.Scsi;

namespace Pewter.Blocks.Benchmarks.Iscsi;

/// <summary>
/// <c>serve-iscsi STORE</c>: serves a fresh clone of the image "golden" as LUN 0 of <see cref="TargetName"/> until its standard input ends, so
/// that the server's processor time is that of one process. Prints the port.
/// </summary>
internal static class IscsiServeCommand
{
    public const string Name = "serve-iscsi";
    public const string TargetName = "iqn.2026-11.example.pewter:bench";

    public static async Task<int> RunAsync(string[] args)
    {
        await using LayerStore store = await LayerStore.OpenAsync(args[0]);
        await using LayeredDevice disk = store.OpenDisk((await store.CloneAsync("golden")).Id);
        var config = new IscsiTargetConfig(TargetName)
        {
            Units = new Dictionary<ushort, LogicalUnit> { [0] = new(disk, new UnitIdentity("bench")) },
            Access = [new(IscsiAccessConfig.AnyInitiator)],
        };
        await using var server = new IscsiServer();
        server.Happened += (_, e) => Console.Error.WriteLine(e);
        server.Publish(IscsiTargetModel.TryCreate(config, out _)!);
        Console.WriteLine(server.Listen(new IPEndPoint(IPAddress.Loopback, 0)).Port);
        while (await Console.In.ReadLineAsync() is not null)
        {
        }
        return 0;
    }
}
