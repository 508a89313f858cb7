using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Images.Library;

/// <summary>The commands of <c>/disk/ctl</c> and of a disk's own <c>ctl</c>.</summary>
internal static class DiskCommands
{
    private const string Create = "create [image=word] [size=size] [count=int] [name=word] [tag=word] [backing=layers|rbd]";

    public static CommandSet<Collection<Disk>> OfCollection(ImageLibrary library) => new CommandSet<Collection<Disk>>()
        .Add(Create, "Makes disks of an image, or empty ones; all or none.", async (_, call, cancellation) =>
            Result(library, await library.CreateAsync(Request(call, library.Limits), cancellation)))
        .Add("clone <disk> [count=int] [name=word]", "Makes disks of what a disk holds now.", async (_, call, cancellation) =>
        {
            var source = library.FindDisk(call.Word("disk"), call.Caller);
            return Result(library, await library.CloneDiskAsync(source, Request(call, library.Limits), cancellation));
        });

    public static CommandSet<Disk> OfDisk(ImageLibrary library)
    {
        var set = new CommandSet<Disk>()
            .Add(Create, "Gives a disk from clone its content.", (disk, call, cancellation) => FillAsync(library, disk, call, cancellation))
            .Add("snapshot [name]", "Freezes what the disk holds as an image; the disk goes on.", async (disk, call, cancellation) =>
            {
                var image = await library.SnapshotAsync(disk, call.Word("name", null), call.Caller, cancellation);
                return CommandResult.Json(json =>
                {
                    json.WriteString("image", image.Record.Name);
                    json.WriteString("id", image.Record.Id);
                    json.WriteNumber("size", image.Record.Size);
                });
            })
            .Add("rollback <image>", "Ends the sessions and throws away what the disk holds above a snapshot or its image.", async (disk, call, c) =>
                _ = await library.RollBackAsync(disk, library.Find(call.Word("image"), call.Caller), c))
            .Add("resize <size:size>", "Changes the size; what a smaller one cuts off is gone.", async (disk, call, cancellation) =>
                _ = await library.ResizeAsync(disk, call.Size("size"), cancellation))
            .Add("flatten", "Copies what the disk stands on into it, and lets go of it.", async (disk, call, cancellation) =>
                _ = await library.FlattenAsync(disk, cancellation))
            .Add("rename [name]", "Binds a name to the disk; without a name unbinds it.", (disk, call, cancellation) =>
                library.RenameAsync(disk, call.Word("name", null), cancellation))
            .Add("tag <words...>", "Adds tags; a word that begins with '-' takes one away.", async (disk, call, cancellation) =>
                _ = await library.ChangeAsync(
                    disk, record => record with { Tags = LibraryTags.Change(record.Tags, call.Words("words"), library.Limits) }, cancellation))
            .Add("protect <what:on|off>", "Whether the disk cannot be released.", async (disk, call, cancellation) =>
                _ = await library.ChangeAsync(disk, record => record with { IsProtected = call.Word("what") == "on" }, cancellation))
            .Add("export <path> [format=word]", "Writes what the disk holds now to a file of this machine.", (disk, call, cancellation) =>
                ExportAsync(library, disk, call, cancellation))
            .Add("reach <network> <address> [what:on|off]", "Serves the disk inside of a network, to the member with an address.",
                (disk, call, cancellation) => ReachAsync(library, disk, call, cancellation))
            .Add("release [how:gently|force]", "Removes the disk; force ends the sessions of its clients.", async (disk, call, cancellation) =>
                _ = await library.ReleaseAsync(disk, call.Word("how", null) == "force", cancellation));
        return AddForwarded(set, library);
    }

    /// <summary>What the disk server does by itself and nobody else needs to know.</summary>
    private static CommandSet<Disk> AddForwarded(CommandSet<Disk> set, ImageLibrary library)
    {
        (string Signature, string Help)[] forwarded =
        [
            ("allow-network <network>", "Lets NBD clients of a network come over TCP."),
            ("allow-certificate <name>", "Lets NBD clients with a certificate of this name come over TLS."),
            ("allow-initiator <initiator> <user> <secret> [targetuser] [targetsecret]", "Lets another iSCSI initiator log in."),
            ("one-host <one:on|off>", "Whether only one host at a time may use the disk."),
            ("deny-all", "Takes back every permission but the disk's own."),
            ("heat <what:reset|keep>", "Forgets the heat, or keeps it with the image."),
            ("prefetch", "Reads ahead what the heat of the disk's image says."),
            ("verify", "Checks every block the disk stands on."),
        ];
        foreach (var (signature, help) in forwarded)
        {
            set.Add(signature, help, (disk, call, cancellation) => library.WithDiskAsync(disk, async () =>
            {
                var reply = await library.Blocks.CommandAsync($"/disk/{disk.Id}/ctl", call.All, cancellation);
                return CommandResult.Json(json =>
                {
                    foreach (var member in reply.Line.EnumerateObject().Where(member => member.Name is not ("ok" or "target" or "command")))
                    {
                        member.WriteTo(json);
                    }
                });
            }));
        }

        return set;
    }

    private static async ValueTask<CommandResult> FillAsync(ImageLibrary library, Disk disk, CommandCall call, CancellationToken cancellation)
    {
        if (call.Int("count", 1) != 1)
        {
            throw new FileException(Errno.EINVAL, "An open of clone is one disk; for more write to /disk/ctl.");
        }

        await library.FillAsync(disk, Request(call, library.Limits), cancellation);
        return Say(library, disk);
    }

    private static async ValueTask<CommandResult> ReachAsync(ImageLibrary library, Disk disk, CommandCall call, CancellationToken cancellation)
    {
        using var network = System.Text.Json.JsonDocument.Parse(
            await library.Tree(call.Caller).ReadTextAsync($"/net/{call.Word("network")}/json", cancellation));
        var (portal, place) = (network.RootElement.GetProperty("gateway").GetString()!, network.RootElement.GetProperty("netns").GetString()!);
        var verb = call.Word("what", "on") == "on" ? "allow-host" : "deny-host";
        await library.WithDiskAsync(disk, () =>
            library.Blocks.CommandAsync($"/disk/{disk.Id}/ctl", [verb, place, portal, call.Word("address")], cancellation));
        return CommandResult.Json(json =>
        {
            json.WriteString("nbd", $"nbd://{portal}:10809/{disk.Id}");
            json.WriteString("portal", portal);
            json.WriteString("target", $"{Blockd.BlockdPlace.IscsiPrefix}:{disk.Id}");
        });
    }

    private static async ValueTask ExportAsync(ImageLibrary library, Disk disk, CommandCall call, CancellationToken cancellation)
    {
        ImageCommands.DemandAdmin(call.Caller);
        var words = new[] { "export", ImageCommands.Absolute(call.Word("path")), $"format={call.Word("format", "raw")}" };
        await library.WithDiskAsync(disk, () => library.Blocks.CommandAsync($"/disk/{disk.Id}/ctl", words, cancellation));
    }

    private static DiskRequest Request(CommandCall call, ImageLimits limits)
    {
        var count = call.Int("count", 1);
        var isClone = call.Name == "clone";
        return count < 1 || count > limits.DisksAtOnce
            ? throw new FileException(Errno.EINVAL, $"count is from 1 to {limits.DisksAtOnce}, not {count}.")
            : new DiskRequest
            {
                Caller = call.Caller,
                Count = (int)count,
                Image = isClone ? null : call.Word("image", null),
                Size = !isClone && call.Has("size") ? call.Size("size") : null,
                Backing = isClone ? null : call.Word("backing", null),
                Name = call.Word("name", null),
                Tags = !isClone && call.Word("tag", null) is { } tags ? tags.Split(',', StringSplitOptions.RemoveEmptyEntries) : [],
            };
    }

    private static CommandResult Result(ImageLibrary library, IReadOnlyList<Disk> disks) =>
        CommandResult.Each(disks.Select(disk => ($"/disk/{disk.Id}", Say(library, disk))));

    private static CommandResult Say(ImageLibrary library, Disk disk) => CommandResult.Json(json =>
    {
        var place = library.Blocks.Place;
        json.WriteString("id", disk.Id);
        if (disk.Record.Name is { } name)
        {
            json.WriteString("name", name);
        }

        json.WriteNumber("size", disk.Record.Size);
        json.WriteString("nbd", DiskDeclaration.Nbd(place, disk.Id));
        if (DiskDeclaration.RemoteNbd(place, disk.Id) is { } remote)
        {
            json.WriteString("nbdtcp", remote);
        }

        json.WriteString("iscsi", DiskDeclaration.Iscsi(place, disk.Id));
    });
}
