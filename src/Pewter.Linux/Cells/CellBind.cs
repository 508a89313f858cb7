using System.Diagnostics.CodeAnalysis;

namespace Pewter.Linux.Cells;

/// <summary>Something of the host shown inside a cell. Written <c>SOURCE:TARGET[:ro]</c>.</summary>
public sealed record CellBind(string Source, string Target, bool ReadOnly)
{
    /// <summary>Reads the written form.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CellBind? bind)
    {
        var parts = text.Split(':');
        var valid = parts.Length is 2 or 3 && parts[0].StartsWith('/') && parts[1].StartsWith('/') && (parts.Length == 2 || parts[2] == "ro");
        bind = valid ? new CellBind(parts[0], parts[1], parts.Length == 3) : null;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => ReadOnly ? $"{Source}:{Target}:ro" : $"{Source}:{Target}";
}
