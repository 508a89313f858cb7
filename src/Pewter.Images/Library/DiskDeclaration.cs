using System.Net;
using Pewter.Images.Blockd;
using Pewter.Tree;

namespace Pewter.Images.Library;

/// <summary>What the tree shows of a disk: fields, files, commands.</summary>
internal static class DiskDeclaration
{
    // What the disk server itself says of a disk; each is a file of the same name.
    private static readonly string[] Forwarded = ["heat", "latency", "sessions", "used", "traffic"];

    public static ObjectKind<Disk> For(ImageLibrary library) => new()
    {
        Prefix = DiskRecord.Prefix,
        Fields = Fields(library),
        Commands = DiskCommands.OfDisk(library),
        States = new StateModel<Disk>(
            disk => disk.State, [DiskStates.New, DiskStates.Ready, DiskStates.Released], [DiskStates.Released]),
        Owner = disk => disk.Record.Owner,
        Files = (directory, disk) => AddFiles(directory, disk, library),
        Create = library.CloneAsync,
        CollectionCtlMode = UnixMode.Octal(666),
        IsBusy = disk => disk.State == DiskStates.Ready,
        PersistenceChanged = async (disk, persistent, cancellation) =>
            _ = await library.ChangeAsync(disk, record => record with { IsPersistent = persistent }, cancellation),
        Reap = library.ReapAsync,
    };

    /// <summary>Where a disk is reached over NBD by this machine's own clients.</summary>
    public static string Nbd(BlockdPlace place, string disk) => $"nbd+unix:///{disk}?socket={place.NbdSocket}";

    /// <summary>Where a disk is reached over NBD by other machines; null when it is not.</summary>
    public static string? RemoteNbd(BlockdPlace place, string disk) => place.Nbd is { } address ? $"nbd://{address}/{disk}" : null;

    /// <summary>Where a disk is reached over iSCSI, as iPXE writes it.</summary>
    public static string Iscsi(BlockdPlace place, string disk) =>
        $"iscsi:{Host(place.Iscsi)}::{place.Iscsi.Port}:0:{BlockdPlace.IscsiPrefix}:{disk}";

    private static string Host(IPEndPoint portal) => portal.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
        ? $"[{portal.Address}]" : portal.Address.ToString();

    private static Fields<Disk> Fields(ImageLibrary library) => new Fields<Disk>()
        .Text("image", disk => library.ImageOf(disk.Record.Image)?.Record.Name, indexed: true)
        .Size("size", disk => disk.Record.Size)
        .Text("backing", disk => disk.Record.Backing)
        .Time("created", disk => disk.Record.Created)
        .Flag("protected", disk => disk.Record.IsProtected)
        .Tags("tags", disk => disk.Record.Tags)
        .Text("nbd", disk => Nbd(library.Blocks.Place, disk.Id))
        .Text("nbdtcp", disk => RemoteNbd(library.Blocks.Place, disk.Id))
        .Text("iscsi", disk => Iscsi(library.Blocks.Place, disk.Id));

    private static void AddFiles(TreeDirectory directory, Disk disk, ImageLibrary library)
    {
        var place = library.Blocks.Place;
        directory
            .Add("nbd", new TextFile(() => Nbd(place, disk.Id)))
            .Add("iscsi", new TextFile(() => Iscsi(place, disk.Id)))
            .Add("initiator", Served(library, disk, "initiator", UnixMode.Octal(400)))
            .Add("image", new TextFile(() => library.ImageOf(disk.Record.Image)?.Record.Name ?? ""))
            .Add("lineage", new TextFile(() => string.Join('\n', library.LineageOf(disk).Select(image => image.Name))));
        foreach (var name in Forwarded)
        {
            directory.Add(name, Served(library, disk, name, UnixMode.Octal(440)));
        }
    }

    /// <summary>A file of the disk server; empty while the disk has no content that it could know of.</summary>
    private static TextFile Served(ImageLibrary library, Disk disk, string name, uint mode) =>
        new((_, cancellation) => disk.State == DiskStates.Ready
            ? library.Blocks.ReadAsync($"/disk/{disk.Id}/{name}", cancellation) : new ValueTask<string>(""))
        {
            Mode = mode,
        };
}
