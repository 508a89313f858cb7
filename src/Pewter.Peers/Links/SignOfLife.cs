using Pewter.Hosting;

namespace Pewter.Peers.Links;

/// <summary>When something last came from the other end of a link. Any thread, but for <see cref="Pass"/>.</summary>
internal sealed class SignOfLife(TimeProvider time)
{
    private readonly SilenceWatch _watch = new(time);
    private long _at = time.GetTimestamp();

    /// <summary>How long nothing has come.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Volatile.Read(ref _at));

    /// <summary>Something came.</summary>
    public void Note()
    {
        Volatile.Write(ref _at, time.GetTimestamp());
        _watch.Note();
    }

    /// <summary>
    /// The silence by the time that this process was awake; to be called by one task, every <see cref="SilenceWatch.Slice"/>. A daemon that did
    /// not get the processor for two seconds has heard nothing, which says nothing about its peer.
    /// </summary>
    public TimeSpan Pass() => _watch.Pass();
}
