using Pewter.Machines.Boots;
using Pewter.Machines.Nodes;
using Pewter.NineP;

namespace Pewter.Machines.Vms;

/// <summary>
/// What foreign images are told by cloud-init's NoCloud: the files are served by the machine's first network, to it alone, and the firmware's serial
/// number says where.
/// </summary>
internal sealed class VmSeeds(VmPlace place)
{
    /// <summary>Where the files are, in a node's handle.</summary>
    public const string Url = "seed.url";

    /// <summary>Writes the files and has them served.</summary>
    public async ValueTask OfferAsync(NodeWork work, CancellationToken cancellation)
    {
        var spec = VmSpec.Of(work.Spec);
        var cards = Enumerable.Range(0, spec.Networks.Count).Select(VmCards.DeviceName).Select(name => new SeedCard(
            work[$"{name}.mac"]!, work[$"{name}.address"], work[$"{name}.gateway"])).ToList();

        // The number is never given again, and another image on the same machine is another installation.
        var instance = $"{place.Tag}-{work.Record.Id}-{spec.Image.Name}";
        var directory = SeedOf(work.Record).WriteCloud(work.Record, instance, spec.UserData, cards);
        string[] words = ["seed", cards[0].Mac, $"directory={directory}"];
        var reply = (await place.Context.Client().CommandAsync($"/net/{spec.Networks[0]}/ctl", words, cancellation))[0];
        work[Url] = reply.Text("url");
        work.Note($"seed for cloud-init at {work[Url]}");
    }

    /// <summary>Takes them back; what was never offered, or whose network is gone, is no failure.</summary>
    public async ValueTask WithdrawAsync(NodeWork work, CancellationToken cancellation)
    {
        if (work["eth0.mac"] is { } mac)
        {
            try
            {
                await place.Context.Client().CommandAsync($"/net/{VmSpec.Of(work.Spec).Networks[0]}/ctl", ["seed", mac], cancellation);
            }
            catch (FileException gone) when (gone.Errno == Errno.ENOENT)
            {
                // See above.
            }
        }

        SeedOf(work.Record).Delete();
        work.Forget(Url);
    }

    private Seed SeedOf(NodeRecord record) => new(Path.Combine(place.StateDirectory, "seeds", record.Id));
}
