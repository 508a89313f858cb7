using System.CommandLine;

namespace Pewter.CommandLine.Storage;

/// <summary><c>pewter disk</c>: copy-on-write disks over NBD and iSCSI.</summary>
internal sealed class DiskCommand : Command
{
    public DiskCommand(CommandHost host)
        : base("disk", "Make, look at, freeze and release disks: copy-on-write, over NBD and iSCSI")
    {
        var disk = StoredObject.Disk;
        Add(new DiskCreateCommand(host));
        Add(new DiskCloneCommand(host));
        Add(new StoredListCommand(host, disk, StorageText.Disks));
        Add(new StoredShowCommand(host, disk));
        Add(new DiskSnapshotCommand(host));
        Add(StoredLineCommand.One(
            host, disk, "rollback", "Throw away what a disk holds above a snapshot of it, or above its image", ("IMAGE", "The snapshot or image")));
        Add(StoredLineCommand.One(host, disk, "resize", "Change a disk's size", ("SIZE", "Such as 20G; what a smaller size cuts off is gone")));
        Add(StoredLineCommand.One(host, disk, "flatten", "Copy what a disk stands on into it"));
        Add(StoredLineCommand.One(host, disk, "rename", "Bind a name to a disk, or unbind it", ("[NAME]", "The new name; none when not given")));
        Add(StoredLineCommand.One(host, disk, "protect", "Keep a disk from being released, or no more", ("ON", "on or off")));
        Add(StoredLineCommand.Many(host, disk, "verify", "verify", "Check every block that disks stand on"));
        Add(StoredLineCommand.Many(host, disk, "release", "release", "Remove disks; refused while clients are on them", canForce: true));
        Add(new StoredExportCommand(host, disk));
        Add(new StoredFileCommand(host, disk, "heat", "Which blocks were read first, and when: offset, bytes, milliseconds"));
        Add(new StoredFileCommand(host, disk, "latency", "How long requests took: microseconds at most, requests"));
    }
}
