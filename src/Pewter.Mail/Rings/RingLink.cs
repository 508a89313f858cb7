using System.Diagnostics.CodeAnalysis;
using Pewter.Linux.Memory;

namespace Pewter.Mail;

/// <summary>
/// A link to one other process, or to one in another virtual machine, through memory that both share. See <see
/// cref="RingDirection"/> for the protocol. The memory is
/// unmapped when nobody refers to the link any more, so that no thread is ever caught in it.
/// </summary>
internal sealed class RingLink : MailLink
{
    // So many records are read before who reads looks at its own mailbox again.
    private const int BatchMax = 256;
    private const int TellEvery = 64;

    // Answers that wait for room in the ring, of 8 KiB at most: an honest peer's own thread reads them long before.
    private const int ControlMax = 8192;

    private readonly PostOffice _office;
    private readonly Route _route;
    private readonly RingDirection _in;
    private readonly RingDirection _out;
    private readonly RingReader _reader;
    private readonly RingWriter _writer;
    private readonly RingReader.Taker _taker;
    private readonly Stack<int> _freeSlots = new();
    private readonly Queue<Returned> _control = new();
    private readonly Action<RingLink> _failed;
    private readonly InboundFlow?[] _flows = new InboundFlow?[RingLayout.Slots];
    private int _nextSlot;
    private int _untold;
    private volatile bool _isClosed;
    private volatile bool _isFlooded;

    /// <summary>Creates one end.</summary>
    /// <param name="office">The office that it belongs to.</param>
    /// <param name="route">The route to the peer.</param>
    /// <param name="map">The segment, mapped by <see cref="RingLayout.Parts"/>.</param>
    /// <param name="side">0 or 1: which of the two.</param>
    /// <param name="failed">Called once when the peer has broken the protocol.</param>
    internal RingLink(PostOffice office, Route route, MemoryMap map, int side, Action<RingLink> failed)
    {
        (_office, _route, _failed) = (office, route, failed);
        _out = new RingDirection(map, side);
        _in = new RingDirection(map, 1 - side);
        _writer = new RingWriter(_out);
        _reader = new RingReader(_in, office.Limits.MessageBytesMax);
        _taker = Take;
    }

    internal override MailTransport Transport => MailTransport.SharedMemory;

    internal override int InlineMax => RingLayout.InlineMax;

    internal Route Route => _route;

    /// <summary>Whether there is something for <see cref="Poll"/> to do.</summary>
    internal bool HasArrivals => _reader.HasRecords || (_route.Room.Any && Volatile.Read(ref _out.WindowWanted) == 0)
        || ((_route.HasUnsent || _control.Count > 0) && Volatile.Read(ref _out.SpaceWanted) == 0);

    internal FutexWord Arm(RingBell bell) => _in.Arm(bell);

    internal void Disarm(RingBell bell) => _in.Disarm(bell);

    /// <summary>
    /// Reads what there is, writes what waits for room, and wakes senders whose window has opened. One thread at a
    /// time.
    /// </summary>
    internal bool Poll()
    {
        if (_isClosed)
        {
            return false;
        }

        Catchup();
        var count = _reader.Read(BatchMax, _taker);
        if (count > 0 && Volatile.Read(ref _in.SpaceWanted) != 0 && Interlocked.Exchange(ref _in.SpaceWanted, 0) != 0)
        {
            _out.Wake();
        }

        if (_reader.IsCorrupt || _writer.IsCorrupt || _isFlooded)
        {
            Fail();
        }

        return count > 0;
    }

    internal override bool TryWrite(in FrameHeader header, ReadOnlySpan<byte> body, int slot, long outside) =>
        !_isClosed && _writer.TryWrite(header, body, slot, outside);

    internal override int TakeSlot() => _freeSlots.TryPop(out var slot) ? slot : _nextSlot < RingLayout.Slots ? _nextSlot++ : -1;

    internal override void FreeSlot(int slot) => _freeSlots.Push(slot);

    internal override long Place(ReadOnlySpan<byte> body) => _writer.Place(body);

    internal override void Free(long outside) => _writer.Area.Free(outside);

    internal override ReadOnlySpan<byte> Placed(long outside, int length) => _writer.Placed(outside, length);

    internal override ulong TakenOf(int slot) => Volatile.Read(ref _out.Board(slot));

    internal override InboundFlow? FlowOf(int slot) => slot < 0 ? null : _flows[slot];

    internal override void Remember(int slot, InboundFlow flow)
    {
        if (slot >= 0)
        {
            _flows[slot] = flow;
        }
    }

    internal override void WantWindow() => Interlocked.Exchange(ref _out.WindowWanted, 1);

    internal void WantWindowFor(RoomWaiters room)
    {
        if (_route.Room == room)
        {
            WantWindow();
        }
    }

    /// <summary>
    /// Writes the number on the board. The fence that pairs with the sender's is put now and then, and whenever nothing
    /// more waits: a sender whose window is full has many
    /// more under way.
    /// </summary>
    internal override void TellTaken(InboundFlow flow, ulong sequence, bool isLast)
    {
        // A slot that its sender has given to another flow says nothing of this one any more.
        if (_isClosed || flow.Slot < 0 || _flows[flow.Slot] != flow)
        {
            return;
        }

        Volatile.Write(ref _in.Board(flow.Slot), sequence);
        if (!isLast && ++_untold < TellEvery)
        {
            return;
        }

        _untold = 0;
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _in.WindowWanted) != 0 && Interlocked.Exchange(ref _in.WindowWanted, 0) != 0)
        {
            _out.Wake();
        }
    }

    internal override void SendControl(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        Gate.Enter();
        if (_control.Count > 0 || !TryWriteControl(header, body))
        {
            // A peer that makes us answer and never reads the answers gets no more of our memory than this.
            _isFlooded |= _control.Count >= ControlMax;
            if (!_isFlooded)
            {
                _control.Enqueue(new Returned(header, body.ToArray()));
            }
        }

        Gate.Exit();
    }

    /// <summary>Takes no more part in anything. The memory stays for who is in it yet.</summary>
    internal void Close() => _isClosed = true;

    [SuppressMessage("Performance", "CA1859", Justification = "The taker is the reader's delegate.")]
    private bool Take(in FrameHeader header, ReadOnlySpan<byte> body, int slot) =>
        header.From.Node == _route.Node && header.From.Office == _route.Office && header.To.IsSameOffice(_office.Address)
        && _office.Dispatch(this, header, body, slot);

    private bool TryWriteControl(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (body.Length <= InlineMax)
        {
            return TryWrite(header, body, -1, -1);
        }

        // A long body that goes back has no flow here whose numbers would free it: its sender has it still, and needs
        // the header only.
        return TryWrite(header with { BodyLength = 0 }, default, -1, -1);
    }

    private void Catchup()
    {
        if (_control.Count > 0)
        {
            Gate.Enter();
            while (_control.TryPeek(out var next) && TryWriteControl(next.Header, next.Body))
            {
                _control.Dequeue();
            }

            Gate.Exit();
        }

        if (_route.HasUnsent)
        {
            _route.Flush();
        }

        if (_route.Room.Any && Volatile.Read(ref _out.WindowWanted) == 0)
        {
            _route.Room.Release();
        }
    }

    private void Fail()
    {
        _isClosed = true;
        _failed(this);
    }
}
