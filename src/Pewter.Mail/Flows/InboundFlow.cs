namespace Pewter.Mail;

/// <summary>
/// What one process has sent to one mailbox here, as numbered by that process: finds what came twice and what is
/// missing. A number is the epoch of the flow (24 bits)
/// and the count within it (40 bits); an epoch begins when the sender has given up what was before.
/// </summary>
/// <remarks>
/// Numbers are checked by whoever delivers, one thread at a time; taking is the mailbox's receiver's.
/// </remarks>
internal sealed class InboundFlow(int handle, PortAddress sender, uint port)
{
    internal const int EpochShift = 40;

    // A sender's window has fewer messages: an honest one never comes near it.
    private const int RefusedMax = 16 << 10;
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(100);

    private ulong _last;
    private ulong _taken;
    private ulong _passed;
    private ulong _askedFor;
    private long _askedAt;
    private SortedList<ulong, RejectReason>? _refused;
    private int _waiting;
    private SpinGate _gate;
    private volatile bool _isDead;

    internal enum Judgement
    {
        New,
        Duplicate,
        Gap,
    }

    /// <summary>Its number in the office.</summary>
    internal int Handle => handle;

    /// <summary>The sending process.</summary>
    internal PortAddress Sender => sender;

    /// <summary>The mailbox.</summary>
    internal uint Port => port;

    /// <summary>The link by which it came last, and its slot there.</summary>
    internal MailLink? Link { get; private set; }

    internal int Slot { get; private set; }

    /// <summary>What it waits for.</summary>
    internal ulong Expected => _last + 1;

    /// <summary>Bytes taken and not told, and messages: the link's.</summary>
    internal int Untold { get; set; }

    internal void CameBy(MailLink link, int slot) => (Link, Slot) = (link, slot);

    internal Judgement Judge(ulong sequence)
    {
        var epoch = sequence >> EpochShift;
        if (epoch > _last >> EpochShift || _last == 0)
        {
            if (epoch < _last >> EpochShift)
            {
                return Judgement.Duplicate;
            }

            _last = epoch << EpochShift;
        }

        if (sequence <= _last)
        {
            return Judgement.Duplicate;
        }

        if (sequence != _last + 1)
        {
            return Judgement.Gap;
        }

        _last = sequence;
        return Judgement.New;
    }

    /// <summary>The sender says that nothing comes up to this number.</summary>
    internal void Skip(ulong from, ulong to)
    {
        if (from <= _last + 1 && to > _last)
        {
            _last = to;
        }
    }

    /// <summary>A message is about to be put into the mailbox; by whoever delivers.</summary>
    internal void Queued()
    {
        _gate.Enter();
        _waiting++;
        _gate.Exit();
    }

    /// <summary>A message leaves the queue without having been taken: it goes back, or was dropped.</summary>
    internal void Unqueued()
    {
        _gate.Enter();
        _waiting--;
        _gate.Exit();
    }

    /// <summary>The receiver takes a message out.</summary>
    internal void Take(ulong sequence, bool isLast)
    {
        _gate.Enter();
        if (--_waiting == 0)
        {
            sequence = Math.Max(sequence, _passed);
        }

        _taken = sequence;
        Link?.TellTaken(this, Told(), isLast);
        _gate.Exit();
    }

    /// <summary>
    /// A message goes back. Nothing behind it is told as taken until its sender has said that it has it, so that a
    /// refusal that gets lost on its way is said again.
    /// </summary>
    internal void Refuse(ulong sequence, RejectReason reason)
    {
        _gate.Enter();
        _refused ??= [];
        if (_refused.Count >= RefusedMax)
        {
            _refused.RemoveAt(0);
        }

        _refused.TryAdd(sequence, reason);
        _gate.Exit();
    }

    /// <summary>The sender has a message back, or says that it will not come again.</summary>
    internal void Settled(ulong from, ulong to)
    {
        _gate.Enter();
        var any = false;
        while (_refused is { Count: > 0 } && Next(from) is { } next && next <= to)
        {
            any |= _refused.Remove(next);
        }

        if (any)
        {
            Link?.TellTaken(this, Told(), isLast: true);
        }

        _gate.Exit();
    }

    /// <summary>What has gone back and is not known to have arrived, and why it went.</summary>
    internal IReadOnlyList<KeyValuePair<ulong, RejectReason>> Refused
    {
        get
        {
            _gate.Enter();
            KeyValuePair<ulong, RejectReason>[] all = _refused is null ? [] : [.. _refused];
            _gate.Exit();
            return all;
        }
    }

    /// <summary>Why a message went back; None when it did not.</summary>
    internal RejectReason ReasonOf(ulong sequence)
    {
        _gate.Enter();
        var reason = _refused?.GetValueOrDefault(sequence) ?? RejectReason.None;
        _gate.Exit();
        return reason;
    }

    /// <summary>The first message that is missing, if the sender's last one has this number; null when none is.</summary>
    internal ulong? Missing(ulong last)
    {
        var epoch = last >> EpochShift;
        return epoch > _last >> EpochShift || _last == 0 ? (epoch << EpochShift) + 1
            : epoch == _last >> EpochShift && last > _last ? _last + 1 : null;
    }

    /// <summary>
    /// Whether to ask for what is missing: each message that comes too early says the same, and one answer is enough.
    /// </summary>
    internal bool MayAsk(TimeProvider time)
    {
        if (_askedFor == Expected && time.GetElapsedTime(_askedAt) < AskAgain)
        {
            return false;
        }

        (_askedFor, _askedAt) = (Expected, time.GetTimestamp());
        return true;
    }

    /// <summary>
    /// A message that never waits in the queue, such as the answer to a request. It is told when those before it are
    /// taken.
    /// </summary>
    internal void Pass(ulong sequence)
    {
        _gate.Enter();
        _passed = sequence;
        if (_waiting == 0)
        {
            _taken = sequence;
            Link?.TellTaken(this, Told(), isLast: true);
        }

        _gate.Exit();
    }

    /// <summary>A message has come again: what was said of it may have been lost.</summary>
    internal void SayAgain()
    {
        _gate.Enter();
        Link?.TellTaken(this, Told(), isLast: true);
        _gate.Exit();
    }

    /// <summary>Whether its sender is gone and nothing of it waits, so that it can be forgotten.</summary>
    internal bool IsOver => _isDead && Volatile.Read(ref _waiting) == 0;

    /// <summary>It is known no more: whoever remembers it looks for another.</summary>
    internal bool IsForgotten { get; set; }

    /// <summary>Whether a frame is of this flow.</summary>
    internal bool Fits(in FrameHeader header) => !IsForgotten && header.To.Port == port && header.From.IsSameOffice(sender);

    internal void SenderLost() => (_isDead, Link) = (true, null);

    // Under the gate.
    private ulong Told() => _refused is { Count: > 0 } refused && refused.GetKeyAtIndex(0) <= _taken ? refused.GetKeyAtIndex(0) - 1 : _taken;

    private ulong? Next(ulong from)
    {
        foreach (var sequence in _refused!.Keys)
        {
            if (sequence >= from)
            {
                return sequence;
            }
        }

        return null;
    }
}
