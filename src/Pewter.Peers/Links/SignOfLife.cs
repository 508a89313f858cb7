namespace Pewter.Peers.Links;

/// <summary>When something last came from the other end of a link. Any thread.</summary>
internal sealed class SignOfLife(TimeProvider time)
{
    private long _at = time.GetTimestamp();

    /// <summary>How long nothing has come.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Volatile.Read(ref _at));

    /// <summary>Something came.</summary>
    public void Note() => Volatile.Write(ref _at, time.GetTimestamp());
}
