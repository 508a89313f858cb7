using System.Net;
using Pewter.Blocks.Iscsi;
using Pewter.Blocks.Scsi;
using Pewter.Testing.Blocks;

namespace Pewter.Blocks.Benchmarks.Iscsi;

/// <summary>
/// <c>serve-iscsi FILE [PORT]</c>: serves a plain file as LUN 0 of <see cref="TargetName"/> until its standard input
/// ends, so that the server's processor time is that of one process. Prints the port.
/// </summary>
internal static class IscsiServeCommand
{
    public const string Name = "serve-iscsi";
    public const string TargetName = "iqn.2026-11.example.pewter:bench";

    public static async Task<int> RunAsync(string[] args)
    {
        await using BlockDevice disk = args[0] == "memory" ? new MemoryDisk(256 << 20) : new FileDisk(args[0]);
        var config = new IscsiTargetConfig(TargetName)
        {
            Units = new Dictionary<ushort, LogicalUnit> { [0] = new(disk, new UnitIdentity("bench")) },
            Access = [new(IscsiAccessConfig.AnyInitiator)],
        };
        await using var server = new IscsiServer();
        server.Happened += (_, e) => Console.Error.WriteLine(e);
        server.Publish(IscsiTargetModel.TryCreate(config, out _)!);
        int port = args.Length > 1 ? int.Parse(args[1]) : 0;
        Console.WriteLine(server.Listen(new IPEndPoint(IPAddress.Loopback, port)).Port);
        while (await Console.In.ReadLineAsync() is not null)
        {
        }
        return 0;
    }
}
