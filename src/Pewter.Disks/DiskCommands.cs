using System.Globalization;
using System.Net;
using Pewter.Blocks;
using Pewter.Blocks.Exports;
using Pewter.Blocks.Layers;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Disks;

/// <summary>The commands of <c>/disk/ctl</c> and of a disk's own <c>ctl</c>.</summary>
internal sealed class DiskCommands(DiskServer server, DiskTree tree, LayerCommands layers)
{
    public CommandSet<Collection<ServedDisk>> OfCollection() => new CommandSet<Collection<ServedDisk>>()
        .Add("create <size:size> [count=int] [name=word] [first=int] [backing=layers|rbd]", "Makes empty disks.",
            (_, call, c) => CreateAsync(call, c))
        .Add("clone <layer> [count=int] [name=word] [first=int] [size=size] [backing=layers|rbd]", "Makes disks over a layer.",
            (_, call, c) => CloneAsync(call, c));

    public CommandSet<ServedDisk> OfDisk() => new CommandSet<ServedDisk>()
        .Add("snapshot [name]", "Freezes what the disk holds as a layer; the disk goes on.", SnapshotAsync)
        .Add("rollback <layer>", "Ends the disk's sessions and throws away what it holds above a layer.", RollbackAsync)
        .Add("resize <size:size>", "Changes the size; what a smaller one cuts off is gone.", ResizeAsync)
        .Add("flatten", "Copies what the disk stands on into it, and lets go of it.", FlattenAsync)
        .Add("label [name]", "Gives the disk a name in the store, or takes it.", RenameAsync)
        .Add("allow-network <network>", "Lets NBD clients of a network come over TCP.", (d, call, c) =>
            GrantAsync(d, a => AddNetwork(a, call.Word("network")), c))
        .Add("allow-host <network> <portal> <host>", "Serves in a network namespace, by its path, at an address, and lets a host there come.",
            (d, call, c) => GrantAsync(d, a => AddHost(a, call), c))
        .Add("deny-host <network> <portal> <host>", "Takes that back.", (d, call, c) =>
            GrantAsync(d, a => a with { Hosts = [.. a.Hosts.Where(h => h != Host(call))] }, c))
        .Add("allow-certificate <name>", "Lets NBD clients with a certificate of this name come over TLS.", (d, call, c) =>
            GrantAsync(d, a => a with { Certificates = [.. a.Certificates, call.Word("name")] }, c))
        .Add("allow-initiator <initiator> <user> <secret> [targetuser] [targetsecret]", "Lets an iSCSI initiator log in.", (d, call, c) =>
            GrantAsync(d, a => AddInitiator(a, call), c))
        .Add("one-host <one:on|off>", "Whether only one host at a time may use the disk.", (d, call, c) =>
            GrantAsync(d, a => a with { OneHost = call.Word("one") == "on" }, c))
        .Add("deny-all", "Takes back every permission; the local socket stays.", (d, _, c) =>
            GrantAsync(d, a => DiskAccess.Local with { OneHost = a.OneHost }, c))
        .Add("heat <what:reset|keep>", "Forgets the heat, or keeps it with the layer the disk stands on.", Heat)
        .Add("prefetch", "Reads ahead what the heat of the disk's layer says.", PrefetchAsync)
        .Add("verify", "Checks every block the disk stands on.", VerifyAsync)
        .Add("export <path> [format=word]", "Writes what the disk holds now to a file of this machine; its clients go on.", ExportAsync)
        .Add("release", "Ends the disk's sessions and removes it.", ReleaseAsync);

    private ValueTask<CommandResult> CreateAsync(CommandCall call, CancellationToken cancellation) => IsInPool(call)
        ? ServeNewAsync(() => MakeInPoolAsync(call, null, call.Size("size"), cancellation), cancellation)
        : ServeNewAsync(
            () => server.Store.CreateDisksAsync(Count(call), call.Size("size"), call.Word("name", null), First(call), cancellation), cancellation);

    private ValueTask<CommandResult> CloneAsync(CommandCall call, CancellationToken cancellation)
    {
        string layer = call.Word("layer");
        long? length = call.Has("size") ? call.Size("size") : null;
        return ServeNewAsync(
            () => IsInPool(call, layer)
                ? MakeInPoolAsync(call, layer, length ?? server.Store.Layer(layer).Length, cancellation)
                : server.Store.CloneManyAsync(layer, Count(call), call.Word("name", null), First(call), length, cancellation),
            cancellation);
    }

    // What was frozen in the pool is there alone, and so are the disks made of it.
    private bool IsInPool(CommandCall call, string? layer = null) =>
        call.Word("backing", null) == "rbd" || (layer is not null && server.Rbd.HasLayer(server.Store.Layer(layer).Id));

    /// <summary>The blocks are made first, under the ids that the disks will have: what the store has is whole.</summary>
    private async ValueTask<IReadOnlyList<DiskInfo>> MakeInPoolAsync(CommandCall call, string? layer, long length, CancellationToken cancellation)
    {
        if (First(call) is not { } first)
            throw new BlockException(BlockErrno.EINVAL, "A disk in the pool is given its number: first=N.");
        string[] ids = [.. Enumerable.Range(0, Count(call)).Select(i => string.Create(CultureInfo.InvariantCulture, $"d{first + i}"))];
        try
        {
            await server.Rbd.CreateAsync(ids, layer, length, cancellation);
            return layer is null
                ? await server.Store.CreateDisksAsync(ids.Length, length, call.Word("name", null), first, cancellation)
                : await server.Store.CloneManyAsync(layer, ids.Length, call.Word("name", null), first, length, cancellation);
        }
        catch (BlockException)
        {
            await server.SweepPoolAsync();
            throw;
        }
    }

    private ValueTask<CommandResult> ServeNewAsync(
        Func<ValueTask<IReadOnlyList<DiskInfo>>> make, CancellationToken cancellation) => server.ChangeAsync(
        async () =>
        {
            IReadOnlyList<DiskInfo> disks = await make();
            await server.ServeAsync(disks);
            server.Heat.Ahead(disks[0].Parent);
            return CommandResult.Of("id", string.Join(' ', disks.Select(d => d.Id)));
        },
        cancellation);

    private static int Count(CommandCall call) => (int)Math.Clamp(call.Int("count", 1), 1, 100_000);

    private static long? First(CommandCall call) => call.Has("first") ? call.Int("first") : null;

    private ValueTask<CommandResult> SnapshotAsync(ServedDisk disk, CommandCall call, CancellationToken cancellation) => server.ChangeAsync(
        async () => LayerCommands.Result(await server.FreezeAsync(disk, call.Word("name", null), cancellation)), cancellation);

    private async ValueTask RollbackAsync(ServedDisk disk, CommandCall call, CancellationToken cancellation) => await server.ChangeAsync(
        async () =>
        {
            await server.CloseAsync(disk);
            bool isInPool = server.Rbd.Has(disk.Id);
            try
            {
                if (isInPool)
                    await server.Rbd.RollBackAsync(disk.Id, server.Store.Layer(call.Word("layer")), cancellation);
                else
                    await server.Store.RollbackAsync(disk.Id, call.Word("layer"), cancellation);
            }
            finally
            {
                disk.Info = server.Store.Disk(disk.Id);
                await server.OpenAsync(disk);
            }

            if (isInPool)
                await server.SweepPoolAsync();

            return true;
        },
        cancellation);

    private async ValueTask ResizeAsync(ServedDisk disk, CommandCall call, CancellationToken cancellation) => await server.ChangeAsync(
        async () =>
        {
            if (server.Rbd.Has(disk.Id))
                await server.Rbd.ResizeAsync(disk.Id, call.Size("size"), cancellation);
            await server.Store.ResizeAsync(disk.Id, call.Size("size"), cancellation);
            disk.Info = server.Store.Disk(disk.Id);
            return true;
        },
        cancellation);

    // Not behind the gate: it takes as long as the copying does, and the store lets other changes pass meanwhile.
    private async ValueTask FlattenAsync(ServedDisk disk, CommandCall call, CancellationToken cancellation) => await TreeFailure.TranslateAsync(
        async () =>
        {
            if (server.Rbd.Has(disk.Id))
                await server.Rbd.FlattenAsync(disk.Id, cancellation);
            else
                await server.Store.FlattenAsync(disk.Id, null, cancellation);
            disk.Info = server.Store.Disk(disk.Id);
            return true;
        });

    private async ValueTask RenameAsync(ServedDisk disk, CommandCall call, CancellationToken cancellation) => await server.ChangeAsync(
        async () =>
        {
            await server.Store.RenameAsync(disk.Id, call.Word("name", null), cancellation);
            disk.Info = server.Store.Disk(disk.Id);
            tree.Rename(disk, disk.Info.Name);
            return true;
        },
        cancellation);

    private async ValueTask GrantAsync(ServedDisk disk, Func<DiskAccess, DiskAccess> change, CancellationToken cancellation) =>
        await server.ChangeAsync(
            () =>
            {
                server.Grant(disk, change(server.AccessOf(disk.Id)));
                return new ValueTask<bool>(true);
            },
            cancellation);

    private static DiskAccess AddNetwork(DiskAccess access, string text) => IPNetwork.TryParse(text, out IPNetwork network)
        ? access with { Networks = [.. access.Networks, network] }
        : throw new FileException(Errno.EINVAL, $"'{text}' is no network; write one such as 10.0.0.0/24, or 10.0.0.7/32 for a single host.");

    private static DiskAccess AddHost(DiskAccess access, CommandCall call)
    {
        ExportHost added = Host(call);
        return access with { Hosts = [.. access.Hosts.Where(h => h != added), added] };
    }

    private static ExportHost Host(CommandCall call) =>
        new(call.Word("network"), Address(call.Word("portal")), Address(call.Word("host")));

    private static IPAddress Address(string text) => IPAddress.TryParse(text, out IPAddress? address) ? address
        : throw new FileException(Errno.EINVAL, $"'{text}' is no address; write one such as 10.42.0.7.");

    private static DiskAccess AddInitiator(DiskAccess access, CommandCall call)
    {
        var added = new ExportInitiator(
            call.Word("initiator"), call.Word("user"), call.Word("secret"), call.Word("targetuser", null), call.Word("targetsecret", null));
        return access with { Initiators = [.. access.Initiators.Where(i => i.Name != added.Name), added] };
    }

    private void Heat(ServedDisk disk, CommandCall call)
    {
        LayeredDevice device = disk.Device ?? throw new FileException(Errno.EIO, $"{disk.Id} is not served: {disk.Fault}");
        if (call.Word("what") == "reset")
            device.Heat.Reset();
        else if (disk.Info.Parent is { } layer)
            server.Store.SaveHeat(layer, device.Heat);
        else
            throw new FileException(Errno.EINVAL, $"{disk.Id} stands on no layer that could keep its heat.");
    }

    private async ValueTask PrefetchAsync(ServedDisk disk, CommandCall call, CancellationToken cancellation) => await TreeFailure.TranslateAsync(
        async () =>
        {
            if (disk.Info.Parent is { } layer && server.Store.LoadHeat(layer) is { } heat && disk.Device is { } device)
                await device.PrefetchAsync(heat, cancellation);
            return true;
        });

    private async ValueTask<CommandResult> VerifyAsync(ServedDisk disk, CommandCall call, CancellationToken cancellation) =>
        disk.Export is { Device: { } far } && server.Rbd.Has(disk.Id)
            ? await Verification.RunAsync(far, disk.Id, cancellation) : await Verification.RunAsync(server.Store, disk.Id, cancellation);

    // The moment is kept by a layer without a name, which goes when the next collection finds that nothing needs it.
    private async ValueTask ExportAsync(ServedDisk disk, CommandCall call, CancellationToken cancellation)
    {
        LayerInfo layer = await server.ChangeAsync(() => server.FreezeAsync(disk, null, cancellation), cancellation);
        await layers.ExportAsync(layer.Id, call, cancellation);
    }

    private async ValueTask ReleaseAsync(ServedDisk disk, CommandCall call, CancellationToken cancellation) => await server.ChangeAsync(
        async () =>
        {
            await server.CloseAsync(disk);
            await server.Store.DeleteDiskAsync(disk.Id, CancellationToken.None);
            if (server.Rbd.Has(disk.Id))
                await server.SweepPoolAsync();
            server.Grant(disk, null);
            tree.Remove(disk);
            return true;
        },
        cancellation);
}
