using System.Text.Json;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Images.Blockd;

/// <summary>
/// What is asked of the disk server, each by its own files. What is gone already is no failure of a removal.
/// </summary>
internal static class BlockCommands
{
    /// <summary>Makes disks with numbers from <paramref name="first"/> on, over a layer or empty.</summary>
    public static async ValueTask CreateAsync(
        this BlockServer server, long first, int count, string? layer, long size, string? backing, CancellationToken cancellation)
    {
        List<string> words = layer is null ? ["create", $"{size}"] : ["clone", layer, $"size={size}"];
        words.AddRange([$"count={count}", $"first={first}"]);
        if (backing is not null)
        {
            words.Add($"backing={backing}");
        }

        await server.CommandAsync("/disk/ctl", words, cancellation);
    }

    /// <summary>Removes a disk with its sessions.</summary>
    public static ValueTask ReleaseAsync(this BlockServer server, string disk, CancellationToken cancellation) =>
        UnlessGoneAsync(() => server.CommandAsync($"/disk/{disk}/ctl", ["release"], cancellation));

    /// <summary>Freezes a disk as a layer of this name; returns its id and size.</summary>
    public static async ValueTask<(string Layer, long Size)> SnapshotAsync(
        this BlockServer server, string disk, string name, CancellationToken cancellation) =>
        Layer(await server.CommandAsync($"/disk/{disk}/ctl", ["snapshot", name], cancellation));

    /// <summary>Takes a file of this machine in as a layer; returns its id and size.</summary>
    public static async ValueTask<(string Layer, long Size)> ImportAsync(
        this BlockServer server, string path, string name, string format, string? sha256, CancellationToken cancellation) =>
        Layer(await server.CommandAsync(
            "/layer/ctl", ["import", path, name, $"format={format}", .. (sha256 is null ? (string[])[] : [$"sha256={sha256}"])], cancellation));

    /// <summary>The id and size of a layer by name; null when there is none.</summary>
    public static async ValueTask<(string Layer, long Size)?> FindLayerAsync(
        this BlockServer server, string name, CancellationToken cancellation)
    {
        try
        {
            using var json = JsonDocument.Parse(await server.ReadAsync($"/layer/{name}/json", cancellation));
            return (json.RootElement.GetProperty("id").GetString()!, json.RootElement.GetProperty("size").GetInt64());
        }
        catch (FileException missing) when (missing.Errno == Errno.ENOENT)
        {
            return null;
        }
    }

    /// <summary>
    /// Takes the name of a layer away and removes it, unless something stands on it; then it goes with the last of
    /// these.
    /// </summary>
    public static async ValueTask LetGoAsync(this BlockServer server, string layer, CancellationToken cancellation)
    {
        await UnlessGoneAsync(() => server.CommandAsync("/layer/ctl", ["drop", layer], cancellation));
        await UnlessGoneAsync(async () =>
        {
            // The name is what keeps it; the id is what it is spoken to by when the name is gone.
            var id = await server.FindLayerAsync(layer, cancellation) is { } found ? found.Layer
                : throw new FileException(Errno.ENOENT, $"There is no layer {layer}.");
            await server.CommandAsync($"/layer/{id}/ctl", ["label"], cancellation);
            return await server.CommandAsync($"/layer/{id}/ctl", ["remove"], cancellation);
        }, Errno.EBUSY);
    }

    /// <summary>The sizes of all disks by id.</summary>
    public static async ValueTask<IReadOnlyDictionary<string, long>> SizesAsync(this BlockServer server, CancellationToken cancellation)
    {
        using var json = JsonDocument.Parse(await server.ReadAsync("/disk/json", cancellation));
        return json.RootElement.EnumerateArray().ToDictionary(
            disk => disk.GetProperty("id").GetString()!, disk => disk.GetProperty("size").GetInt64(), StringComparer.Ordinal);
    }

    private static (string Layer, long Size) Layer(CommandReply reply) => (reply.Text("id"), reply.Line.GetProperty("size").GetInt64());

    private static async ValueTask UnlessGoneAsync(Func<ValueTask<CommandReply>> command, Errno orElse = Errno.ENOENT)
    {
        try
        {
            await command();
        }
        catch (FileException failure) when (failure.Errno == Errno.ENOENT || failure.Errno == orElse)
        {
            // Gone already, or kept by what stands on it.
        }
    }
}
