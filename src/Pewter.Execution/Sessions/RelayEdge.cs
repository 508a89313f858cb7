namespace Pewter.Execution.Sessions;

/// <summary>A splice whose bytes go through this daemon. Written by its relay, read by anybody.</summary>
/// <param name="from">Where they come from.</param>
internal sealed class RelayEdge(string from)
{
    private long _bytes;

    /// <summary>The source.</summary>
    internal string From => from;

    /// <summary>Bytes so far.</summary>
    internal long Bytes
    {
        get => Volatile.Read(ref _bytes);
        set => Volatile.Write(ref _bytes, value);
    }

    /// <summary><c>open</c>, <c>done</c> or <c>broken</c>.</summary>
    internal string State { get; set; } = "open";

    /// <summary>Why it broke.</summary>
    internal string Error { get; set; } = "";
}
