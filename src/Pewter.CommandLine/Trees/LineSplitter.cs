using System.Buffers;
using System.Text;

namespace Pewter.CommandLine.Trees;

/// <summary>Cuts pieces of a stream into lines; a line that is not ended yet waits for its rest.</summary>
internal sealed class LineSplitter
{
    private readonly ArrayBufferWriter<byte> _rest = new();

    /// <summary>The lines that this piece completes, without their ends.</summary>
    public IReadOnlyList<string> Add(ReadOnlySpan<byte> piece)
    {
        var lines = new List<string>();
        int end;
        while ((end = piece.IndexOf((byte)'\n')) >= 0)
        {
            _rest.Write(piece[..end]);
            lines.Add(Take());
            piece = piece[(end + 1)..];
        }

        _rest.Write(piece);
        return lines;
    }

    /// <summary>What came after the last line end; null when there is nothing.</summary>
    public string? Rest() => _rest.WrittenCount == 0 ? null : Take();

    private string Take()
    {
        var line = Encoding.UTF8.GetString(_rest.WrittenSpan);
        _rest.ResetWrittenCount();
        return line;
    }
}
