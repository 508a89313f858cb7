using System.Globalization;
using System.Text.Json.Nodes;
using Pewter.Machines.Nodes;
using Pewter.Machines.Vms;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Machines.Boots;

/// <summary>
/// What a machine boots from its network, and its root: an image of type <c>kernel</c> all in memory; one of type <c>disk</c> as a copy on write of
/// its own, over NBD by our own kernel and initramfs, or over iSCSI by the disk's own loader. Disks and networks are met in the tree.
/// </summary>
/// <param name="tree">The whole tree, as a caller sees it; null: as the daemon.</param>
/// <param name="guest">The kernel and initramfs that mount a root over the network.</param>
/// <param name="seeds">The directory of what machines are told.</param>
internal sealed class NetworkBoot(
    Func<Caller?, TreeClient> tree, Func<CancellationToken, ValueTask<GuestImage>> guest, string seeds)
{
    /// <summary>The options that it reads, as a signature declares them.</summary>
    public const string Options = "[image=word] [disk=word] [via=nbd|iscsi] [overlay=on|off] [append=word] [agent=on|off]";

    private const string DiskId = "disk.id";

    // Both consoles: the last is that of messages, and servers have it on their serial line.
    private const string Always = "console=tty0 console=ttyS0,115200 panic=30 quiet loglevel=4 net.ifnames=0 random.trust_cpu=on";

    // What iPXE has found out already, and who may be asked about this machine alone.
    private const string Told = "ip={{address}}::{{gateway}}:{{netmask}}:{{name}}:eth0:off:{{gateway}} BOOTIF=01-{{mac}} "
        + "pewter.seed=http://{{gateway}}/seed/{{mac}}";

    /// <summary>Whether a node is to boot over its network at all.</summary>
    public static bool Applies(NodeSpec spec) => spec.Options.ContainsKey("image") || spec.Options.ContainsKey("disk");

    /// <summary>Whether its root is a disk.</summary>
    public static bool HasDisk(NodeSpec spec) => spec.Options.GetValueOrDefault("type") == "disk" || spec.Options.ContainsKey("disk");

    /// <summary>Whether its agent will answer.</summary>
    public static bool HasAgent(NodeSpec spec) => spec.Options.GetValueOrDefault("agent") is { } told ? told == "on" : Applies(spec);

    /// <summary>Looks up what a wish names, and writes down what it leads to.</summary>
    /// <exception cref="FileException">ENOENT: there is no such image or disk that the caller may use.</exception>
    public async ValueTask<NodeSpec> ResolveAsync(NodeSpec spec, Caller caller, CancellationToken cancellation)
    {
        var options = new Dictionary<string, string>(spec.Options, StringComparer.Ordinal);
        options.Remove("type");
        if (options.TryGetValue("disk", out var disk))
        {
            _ = await JsonAsync(caller, $"/disk/{disk}", $"There is no disk '{disk}'.", cancellation);
        }
        else if (options.TryGetValue("image", out var image))
        {
            var missing = $"There is no image '{image}'. 'pewter image list' shows those there are.";
            var json = await JsonAsync(caller, $"/image/{image}", missing, cancellation);
            options["type"] = json["type"]?.ToString() ?? "kernel";
        }

        return spec with { Options = options };
    }

    /// <summary>Gives a machine its disk, unless it has it.</summary>
    public async ValueTask EnsureDiskAsync(NodeWork work, CancellationToken cancellation)
    {
        if (work[DiskId] is not null)
        {
            return;
        }

        if (work.Spec.Options.TryGetValue("disk", out var disk))
        {
            work[DiskId] = (await JsonAsync(Caller.System, $"/disk/{disk}", $"There is no disk '{disk}' any more.", cancellation))["id"]!.ToString();
            return;
        }

        var client = tree(OwnerOf(work.Record));
        await ReleaseAsync(client, NameOf(work.Record), cancellation);
        string[] words = ["create", $"image={work.Spec.Options["image"]}", $"name={NameOf(work.Record)}"];
        work[DiskId] = (await client.CommandAsync("/disk/ctl", words, cancellation))[0].Text("id");
        work.Note($"disk {work[DiskId]} of {work.Spec.Options["image"]}");
    }

    /// <summary>Takes the disk away; one that was there before the machine is kept.</summary>
    public async ValueTask DropDiskAsync(NodeWork work, CancellationToken cancellation)
    {
        if (!work.Spec.Options.ContainsKey("disk"))
        {
            await ReleaseAsync(tree(null), NameOf(work.Record), cancellation);
        }

        work.Forget(DiskId);
    }

    /// <summary>Has the network offer a machine what it boots, and tell it what it must know.</summary>
    /// <param name="work">The machine.</param>
    /// <param name="network">The network.</param>
    /// <param name="mac">Its card there.</param>
    /// <param name="address">The card's address, without the prefix.</param>
    /// <param name="cancellation">Ends it.</param>
    public async ValueTask OfferAsync(NodeWork work, string network, string mac, string address, CancellationToken cancellation)
    {
        var client = tree(null);
        var ctl = $"/net/{network}/ctl";
        var seed = SeedOf(work.Record);
        var directory = seed.WriteAgent(work.Record.Id);
        await client.CommandAsync(ctl, ["seed", mac, $"directory={directory}"], cancellation);
        if (Applies(work.Spec))
        {
            var target = HasDisk(work.Spec)
                ? await DiskTargetAsync(work, network, address, cancellation)
                : await KernelTargetAsync(work.Spec, cancellation);
            await client.CommandAsync(ctl, ["boot", mac, .. target], cancellation);
        }
    }

    /// <summary>Takes both back; what was never offered is no failure.</summary>
    public async ValueTask WithdrawAsync(NodeWork work, string network, string mac, string? address, CancellationToken cancellation)
    {
        var client = tree(null);
        await IfThereAsync(() => client.CommandAsync($"/net/{network}/ctl", ["boot", mac], cancellation));
        await IfThereAsync(() => client.CommandAsync($"/net/{network}/ctl", ["seed", mac], cancellation));
        if (work[DiskId] is { } disk && address is not null)
        {
            await IfThereAsync(() => client.CommandAsync($"/disk/{disk}/ctl", ["reach", network, address, "off"], cancellation));
        }

        SeedOf(work.Record).Delete();
    }

    /// <summary>The files of what a machine is told.</summary>
    public Seed SeedOf(NodeRecord record) => new(Path.Combine(seeds, record.Id));

    private async ValueTask<IReadOnlyList<string>> KernelTargetAsync(NodeSpec spec, CancellationToken cancellation)
    {
        var image = spec.Options["image"];
        var json = await JsonAsync(Caller.System, $"/image/{image}", $"There is no image '{image}' any more.", cancellation);
        // A boot loader takes no ELF kernel, which is what virtual machines start from.
        var kernel = (json["vmlinuz"] ?? json["kernel"])?.ToString();
        return kernel is not { Length: > 0 }
            ? throw new FileException(Errno.EINVAL, $"{image} has no kernel that could be booted over a network.")
            : Target(kernel, json["initrd"]?.ToString(), $"{json["cmdline"]} {Told} {spec.Options.GetValueOrDefault("append")}");
    }

    private async ValueTask<IReadOnlyList<string>> DiskTargetAsync(NodeWork work, string network, string address, CancellationToken cancellation)
    {
        var (client, disk, options) = (tree(null), work[DiskId]!, work.Spec.Options);
        var reply = (await client.CommandAsync($"/disk/{disk}/ctl", ["reach", network, address], cancellation))[0];
        if (options.GetValueOrDefault("via") == "iscsi")
        {
            var lines = (await client.ReadTextAsync($"/disk/{disk}/initiator", cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return [$"iscsi={reply.Text("target")}", $"portal={reply.Text("portal")}", "lun=0", .. lines];
        }

        var loader = await guest(cancellation);
        var overlay = options.GetValueOrDefault("overlay") == "on" ? " pewter.overlay" : "";
        return Target(
            loader.BootKernel ?? loader.Kernel!, loader.Initramfs,
            $"{Always} {loader.CommandLine} {Told} pewter.root={reply.Text("nbd")}{overlay} {options.GetValueOrDefault("append")}");
    }

    private static IReadOnlyList<string> Target(string kernel, string? initrd, string line)
    {
        var words = string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return [$"kernel={kernel}", .. (initrd is { Length: > 0 } ? (string[])[$"initrd={initrd}"] : []), $"cmdline={words}"];
    }

    private async ValueTask<JsonNode> JsonAsync(Caller caller, string path, string sentence, CancellationToken cancellation)
    {
        try
        {
            return JsonNode.Parse(await tree(caller).ReadTextAsync($"{path}/json", cancellation))!;
        }
        catch (FileException missing) when (missing.Errno is Errno.ENOENT or Errno.EACCES)
        {
            throw new FileException(Errno.ENOENT, sentence, missing);
        }
    }

    private static ValueTask ReleaseAsync(TreeClient client, string name, CancellationToken cancellation) =>
        IfThereAsync(() => client.CommandAsync($"/disk/{name}/ctl", ["release", "force"], cancellation));

    private static async ValueTask IfThereAsync(Func<ValueTask<IReadOnlyList<CommandReply>>> act)
    {
        try
        {
            await act();
        }
        catch (FileException gone) when (gone.Errno == Errno.ENOENT)
        {
            // What is not there needs no undoing.
        }
    }

    private static string NameOf(NodeRecord record) => string.Create(CultureInfo.InvariantCulture, $"{record.Id}-root");

    // The disk is the node's owner's: counted as theirs, seen by them.
    private static Caller OwnerOf(NodeRecord record) => record.Owner == Owner.System ? Caller.System : new Caller
    {
        User = record.Owner.User, Uid = record.Owner.Uid, Gid = record.Owner.Gid, Groups = [record.Owner.Group],
    };
}
