using System.Net.Sockets;
using Pewter.Blocks.Exports;
using Pewter.Blocks.Layers;
using Pewter.Blocks.Nbd;

namespace Pewter.Blocks.Benchmarks.Nbd;

/// <summary>The server side: clones of the image "golden" of a store, on a Unix socket, until the process is killed.</summary>
internal static class OwnServer
{
    public const string Name = "nbd-serve";

    /// <summary>Arguments: store directory, socket, number of clones.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        (string directory, string socket, int clones) = (args[0], args[1], int.Parse(args[2]));
        await using LayerStore store = await LayerStore.OpenAsync(directory);
        await using var exports = new ExportTable();
        IReadOnlyList<DiskInfo> disks = await store.CloneManyAsync("golden", clones);
        for (int i = 0; i < clones; i++)
            exports.Add(clones == 1 ? Rivals.Export : Rivals.Export + i, store.OpenDisk(disks[i].Id), ExportAccess.Local);
        await using var server = new NbdServer(exports, new NbdServerOptions { Report = Console.Error.WriteLine });
        server.Listen(new UnixDomainSocketEndPoint(socket));
        await Task.Delay(Timeout.Infinite);
        return 0;
    }
}
