using System.Globalization;
using System.Text;

namespace Pewter.Blocks.Scsi;

/// <summary>
/// Persistent reservations as they are kept beside the disk, in lines of text: generation, type and holder, then a registration each with its
/// key, session id and name.
/// </summary>
internal static class ReservationRecord
{
    private const string Nobody = "-";

    public static byte[] Write(ReservationSnapshot state)
    {
        var text = new StringBuilder();
        string holder = state.Holder is { } port ? Name(port) : Nobody;
        text.Append(CultureInfo.InvariantCulture, $"{state.Generation} {(byte)state.Type} {holder}\n");
        foreach ((InitiatorPort initiator, ulong key) in state.Registrations)
            text.Append(CultureInfo.InvariantCulture, $"{key:x16} {Name(initiator)}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>EIO when it is no such record.</summary>
    public static ReservationSnapshot Read(ReadOnlySpan<byte> record)
    {
        try
        {
            string[] lines = Encoding.UTF8.GetString(record).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            string[] head = lines[0].Split(' ', 3);
            return new ReservationSnapshot(
                uint.Parse(head[0], CultureInfo.InvariantCulture),
                [.. lines[1..].Select(line => line.Split(' ', 2)).Select(word => KeyValuePair.Create(Port(word[1]), Hex(word[0])))],
                head[2] == Nobody ? null : Port(head[2]),
                (ReservationType)byte.Parse(head[1], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is FormatException or OverflowException or IndexOutOfRangeException)
        {
            throw new BlockException(BlockErrno.EIO, "The reservations kept beside the disk cannot be read.", e);
        }
    }

    private static string Name(InitiatorPort port) => string.Create(CultureInfo.InvariantCulture, $"{port.Isid:x} {port.Name}");

    private static InitiatorPort Port(string text)
    {
        string[] words = text.Split(' ', 2);
        return new InitiatorPort(words[1], Hex(words[0]));
    }

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
