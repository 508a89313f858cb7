using System.Text;
using System.Text.Json;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Peers.Links;

/// <summary>
/// The answer to a <see cref="JoinHello"/>: a line, because a 9P2000.L error is a number and the child shall know the reason.
/// </summary>
internal static class JoinReply
{
    public static ReadOnlyMemory<byte> Accepted(string parent) => JsonText.Line(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("ok", true);
        json.WriteString("name", parent);
        json.WriteEndObject();
    });

    public static ReadOnlyMemory<byte> Refused(FileException failure) => JsonText.Line(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("ok", false);
        json.WriteNumber("errno", (int)failure.Errno);
        json.WriteString("error", failure.Message);
        json.WriteEndObject();
    });

    /// <summary>The parent's name; throws what the parent refused with.</summary>
    public static string Read(ReadOnlySpan<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(Encoding.UTF8.GetString(line));
            var root = json.RootElement;
            return root.GetProperty("ok").GetBoolean() ? root.GetProperty("name").GetString() ?? ""
                : throw new FileException((Errno)root.GetProperty("errno").GetInt32(), root.GetProperty("error").GetString() ?? "");
        }
        catch (Exception strange) when (strange is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FileException(Errno.EPROTO, "The parent's answer is not one of a daemon.", strange);
        }
    }
}
