using Pewter.Blocks;
using Pewter.Blocks.Layers;
using Pewter.Blocks.Transfer;
using Pewter.Tree;

namespace Pewter.Disks;

/// <summary>The commands of <c>/layer/ctl</c> and of a layer's own <c>ctl</c>.</summary>
internal sealed class LayerCommands(DiskServer server, DiskTree tree)
{
    public CommandSet<Collection<ServedLayer>> OfCollection() => new CommandSet<Collection<ServedLayer>>()
        .Add("import <path> <name> [format=word] [sha256=word] [length=int]", "Takes a file of this machine in as a layer.", (_, call, c) =>
            ImportAsync(call, c))
        .Add("drop <name>", "Forgets an import that was interrupted, and frees its space.", (_, call, c) => DropAsync(call, c))
        .Add("collect", "Removes unnamed layers that nothing stands on.", (_, _, c) => CollectAsync(c));

    public CommandSet<ServedLayer> OfLayer() => new CommandSet<ServedLayer>()
        .Add("export <path> [format=word]", "Writes the layer to a file of this machine: raw, qcow2 and what qemu-img knows.", (layer, call, c) =>
            ExportAsync(layer.Id, call, c))
        .Add("label [name]", "Gives the layer a name in the store, or takes it.", RenameAsync)
        .Add("verify", "Checks every block the layer stands on.", VerifyAsync)
        .Add("remove", "Removes the layer; refused while others stand on it.", RemoveAsync);

    private ValueTask<CommandResult> ImportAsync(CommandCall call, CancellationToken cancellation) => TreeFailure.TranslateAsync(
        async () =>
        {
            string path = call.Word("path"), name = call.Word("name"), format = call.Word("format", "raw")!;
            LayerInfo layer = format == "raw"
                ? await ImportRawAsync(path, name, call, cancellation)
                : await new QemuImage(server.Config.QemuImg).ImportAsync(server.Store, name, path, format, cancellation);
            tree.Add(layer);
            return Result(layer);
        });

    /// <summary>What a new layer's result line says.</summary>
    internal static CommandResult Result(LayerInfo layer) => CommandResult.Json(json =>
    {
        json.WriteString("id", layer.Id);
        json.WriteNumber("size", layer.Length);
    });

    private ValueTask<CommandResult> DropAsync(CommandCall call, CancellationToken cancellation) => server.ChangeAsync(
        async () =>
        {
            await server.Store.DropImportAsync(call.Word("name"), cancellation);
            return CommandResult.None;
        },
        cancellation);

    private async ValueTask<LayerInfo> ImportRawAsync(string path, string name, CommandCall call, CancellationToken cancellation)
    {
        await using FileStream source = File.OpenRead(path);
        await using RawImport import = await RawImport.BeginAsync(server.Store, name, path, cancellation);
        source.Seek(import.Position, SeekOrigin.Begin);
        await import.TakeAsync(source, server.Imports.Of(name, source.Length), cancellation);
        try
        {
            return await import.CompleteAsync(call.Has("length") ? call.Int("length") : null, call.Word("sha256", null), cancellation);
        }
        catch (BlockException)
        {
            // It is not what was meant, and going on would not make it so.
            await import.DropAsync();
            throw;
        }
        finally
        {
            server.Imports.End(name);
        }
    }

    private ValueTask<CommandResult> CollectAsync(CancellationToken cancellation) => server.ChangeAsync(
        async () =>
        {
            long freed = await server.Store.CollectAsync(cancellation);
            await server.SweepPoolAsync();
            tree.RemoveMissingLayers(server.Store);
            return CommandResult.Of("freed", freed);
        },
        cancellation);

    /// <summary>Writes a layer to the file that a command names.</summary>
    public async ValueTask ExportAsync(string layer, CommandCall call, CancellationToken cancellation) => await TreeFailure.TranslateAsync(
        async () =>
        {
            await using BlockDevice device = await server.OpenLayerAsync(layer, cancellation);
            string path = call.Word("path"), format = call.Word("format", "raw")!;
            if (format != "raw")
            {
                await new QemuImage(server.Config.QemuImg).ExportAsync(device, path, format, cancellation);
                return true;
            }

            await using FileStream target = File.Create(path);
            await RawExport.WriteAsync(device, target, null, cancellation);
            target.Flush(flushToDisk: true);
            return true;
        });

    private async ValueTask<CommandResult> VerifyAsync(ServedLayer layer, CommandCall call, CancellationToken cancellation)
    {
        if (!server.Rbd.HasLayer(layer.Id))
            return await Verification.RunAsync(server.Store, layer.Id, cancellation);
        await using BlockDevice far = await server.OpenLayerAsync(layer.Id, cancellation);
        return await Verification.RunAsync(far, layer.Id, cancellation);
    }

    private async ValueTask RenameAsync(ServedLayer layer, CommandCall call, CancellationToken cancellation) => await server.ChangeAsync(
        async () =>
        {
            await server.Store.RenameAsync(layer.Id, call.Word("name", null), cancellation);
            layer.Info = server.Store.Layer(layer.Id);
            tree.Rename(layer, layer.Info.Name);
            return true;
        },
        cancellation);

    private async ValueTask RemoveAsync(ServedLayer layer, CommandCall call, CancellationToken cancellation) => await server.ChangeAsync(
        async () =>
        {
            await server.Store.DeleteLayerAsync(layer.Id, cancellation);
            await server.SweepPoolAsync();
            tree.Remove(layer);
            return true;
        },
        cancellation);
}
