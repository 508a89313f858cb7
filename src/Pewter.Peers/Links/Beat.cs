using System.Text;
using System.Text.Json;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Peers.Links;

/// <summary>
/// A sign of life, and what changes meanwhile. One line of JSON in the file <c>/peer/beat</c>, read by the daemon at the other end.
/// </summary>
/// <param name="Name">The daemon's name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Height">Levels of peers below it; 0 for none.</param>
/// <param name="Route">Ids of the daemons from it upwards, its own first: whoever finds itself in its parent's is in a loop.</param>
internal sealed record Beat(string Name, string Version, int Height, IReadOnlyList<string> Route)
{
    /// <summary>More than a beat has, with the longest chain.</summary>
    public const int MaxBytes = 8192;

    /// <summary>Daemons above one another; more are taken for a loop.</summary>
    public const int MaxRoute = 32;

    public ReadOnlyMemory<byte> Write() => JsonText.Line(json =>
    {
        json.WriteStartObject();
        json.WriteString("name", Name);
        json.WriteString("version", Version);
        json.WriteNumber("height", Height);
        json.WriteStartArray("route");
        foreach (var id in Route)
        {
            json.WriteStringValue(id);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>Reads one; EPROTO when it is none.</summary>
    public static Beat Read(ReadOnlySpan<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(Encoding.UTF8.GetString(line));
            var (root, route) = (json.RootElement, json.RootElement.GetProperty("route"));
            return new Beat(
                root.GetProperty("name").GetString() ?? "", root.GetProperty("version").GetString() ?? "", root.GetProperty("height").GetInt32(),
                [.. route.EnumerateArray().Take(MaxRoute).Select(id => id.GetString() ?? "")]);
        }
        catch (Exception strange) when (strange is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FileException(Errno.EPROTO, "The peer's sign of life is none.", strange);
        }
    }
}
