using Pewter.Machines.Nodes;
using Pewter.Machines.Qemu;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Machines.Vms;

/// <summary>
/// The disks of virtual machines: copies on write of an image, by the files of the service that has them. A disk is
/// named after its node, so that one that was asked for by a daemon which died is found again.
/// </summary>
internal sealed class VmDisks(VmPlace place)
{
    private const string Id = "disk.id";
    private const string Address = "disk.nbd";

    // The snapshot that a fork's disk began from; it goes with the last of them.
    private const string Origin = "disk.origin";

    /// <summary>Gives a machine its disk, unless it has it or needs none.</summary>
    public async ValueTask EnsureAsync(NodeWork work, CancellationToken cancellation)
    {
        if (!VmSpec.Of(work.Spec).Image.HasDisk || work[Address] is not null)
        {
            return;
        }

        var origin = work.Node.Origin is IVmOrigin fork && !work.Record.WasReady ? await fork.DiskImageAsync.WaitAsync(cancellation) : null;
        var image = origin ?? VmSpec.Of(work.Spec).Image.Name;
        var tree = place.Context.Client(Owner(work.Record));
        await RemoveAsync(tree, Name(work.Record), cancellation);
        var reply = (await tree.CommandAsync("/disk/ctl", ["create", $"image={image}", $"name={Name(work.Record)}"], cancellation))[0];
        work[Id] = reply.Text("id");
        work[Address] = reply.Text("nbd");
        if (origin is not null)
        {
            work[Origin] = origin;
        }

        work.Note($"disk {work[Id]} of {image}, {work[Address]}");
    }

    /// <summary>Takes the disk away, also one that nobody knows of yet.</summary>
    public async ValueTask DropAsync(NodeWork work, CancellationToken cancellation)
    {
        if (!VmSpec.Of(work.Spec).Image.HasDisk)
        {
            return;
        }

        var tree = place.Context.Client();
        await RemoveAsync(tree, Name(work.Record), cancellation);
        if (work[Origin] is { } origin)
        {
            await DropImageAsync(tree, origin, cancellation);
        }

        foreach (var key in (string[])[Id, Address, Origin])
        {
            work.Forget(key);
        }
    }

    /// <summary>
    /// Freezes what a machine's disk holds now as an image, for forks and checkpoints; null when it has no disk.
    /// </summary>
    public async Task<string?> SnapshotAsync(NodeRecord record, CancellationToken cancellation)
    {
        if (record.Handle.GetValueOrDefault(Id) is not { } disk)
        {
            return null;
        }

        var tree = place.Context.Client(Owner(record));
        return (await tree.CommandAsync($"/disk/{disk}/ctl", ["snapshot"], cancellation))[0].Text("image");
    }

    /// <summary>Removes a snapshot that no disk stands on any more; one that some do stays.</summary>
    public static async ValueTask DropImageAsync(TreeClient tree, string image, CancellationToken cancellation)
    {
        try
        {
            await tree.CommandAsync($"/image/{image}/ctl", ["remove"], cancellation);
        }
        catch (FileException kept) when (kept.Errno is Errno.EBUSY or Errno.ENOENT or Errno.EINVAL)
        {
            // Others still need it, or somebody removed it.
        }
    }

    /// <summary>The disks as QEMU is to have them.</summary>
    public static IReadOnlyList<VmDisk> Of(Func<string, string?> handle) => handle(Address) is { } address ? [new VmDisk("disk0", address)] : [];

    private static async ValueTask RemoveAsync(TreeClient tree, string name, CancellationToken cancellation)
    {
        try
        {
            await tree.CommandAsync($"/disk/{name}/ctl", ["release", "force"], cancellation);
        }
        catch (FileException gone) when (gone.Errno == Errno.ENOENT)
        {
            // It never was, or is gone already.
        }
    }

    private string Name(NodeRecord record) => $"{place.Tag[^4..]}-{record.Id}";

    // The disk is the node's owner's: counted as theirs, seen by them.
    private static Caller Owner(NodeRecord record) => record.Owner == Tree.Owner.System ? Caller.System : new Caller
    {
        User = record.Owner.User, Uid = record.Owner.Uid, Gid = record.Owner.Gid, Groups = [record.Owner.Group],
    };
}
