using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Pewter.Fuse.Protocol;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>
/// One request of the kernel from its arrival to its reply. Owns the copy of the message and the space of the reply; a handler writes the
/// payload into <see cref="Reply"/> and returns its length, or a negative errno.
/// </summary>
[SuppressMessage(
    "Design", "CA1001", Justification = "An interrupt may come after the reply; a source without timer or handle needs no disposal.")]
internal sealed class FuseRequest
{
    public const int NameLimit = 255;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly CancellationTokenSource _interruption = new();
    private readonly byte[] _message;
    private readonly int _length;
    private byte[] _reply = [];

    /// <param name="message">The whole message; the request owns it from now on.</param>
    /// <param name="length">Its length.</param>
    /// <param name="header">Its header, whose length has been checked.</param>
    public FuseRequest(byte[] message, int length, in FuseInHeader header) =>
        (_message, _length, Header) = (message, length, header);

    public FuseInHeader Header { get; }

    public Caller Caller { get; set; } = null!;

    /// <summary>Fires when the kernel interrupts the request or the session ends.</summary>
    public CancellationToken Interrupted => _interruption.Token;

    /// <summary>An open that the reply hands over; released again when nobody takes the reply.</summary>
    public ulong GivenHandle { get; set; }

    /// <summary>A node whose lookup count the reply raises; forgotten again when nobody takes the reply.</summary>
    public ulong GivenNode { get; set; }

    /// <summary>The payload's space, after the header's.</summary>
    public Memory<byte> Reply => _reply.AsMemory(FuseOutHeader.Size);

    public void Interrupt() => _interruption.Cancel();

    /// <summary>Makes room for a payload. Called once, before the handler.</summary>
    public void Reserve(byte[] reply) => _reply = reply;

    public byte[] TakeMessage() => _message;

    public byte[] TakeReply() => _reply;

    /// <summary>The header is written before the payload that is already there.</summary>
    public ReadOnlySpan<byte> Finish(int result)
    {
        var length = FuseOutHeader.Size + Math.Max(result, 0);
        var header = new FuseOutHeader { Length = (uint)length, Error = Math.Min(result, 0), Unique = Header.Unique };
        MemoryMarshal.Write(_reply, in header);
        return _reply.AsSpan(0, length);
    }

    /// <summary>The fixed part of the body.</summary>
    public T Body<T>()
        where T : unmanaged
    {
        var body = _message.AsSpan(FuseInHeader.Size, _length - FuseInHeader.Size);
        return MemoryMarshal.TryRead<T>(body, out var value)
            ? value
            : throw new FileException(Errno.EIO, "The kernel's request is shorter than its kind.");
    }

    /// <summary>What follows the fixed part.</summary>
    public ReadOnlyMemory<byte> After(int fixedSize)
    {
        var start = FuseInHeader.Size + fixedSize;
        return start <= _length ? _message.AsMemory(start, _length - start) : ReadOnlyMemory<byte>.Empty;
    }

    /// <summary>The name after the fixed part: up to its NUL, valid UTF-8, at most 255 bytes.</summary>
    public string Name(int fixedSize = 0) => Name(After(fixedSize).Span, out _);

    /// <summary>The two names after the fixed part.</summary>
    public (string First, string Second) Names(int fixedSize = 0)
    {
        var rest = After(fixedSize).Span;
        var first = Name(rest, out var taken);
        return (first, Name(rest[taken..], out _, limit: 4096));
    }

    /// <summary>Writes the payload.</summary>
    public int Answer<T>(in T payload)
        where T : unmanaged
    {
        MemoryMarshal.Write(Reply.Span, in payload);
        return Unsafe.SizeOf<T>();
    }

    private static string Name(ReadOnlySpan<byte> bytes, out int taken, int limit = NameLimit)
    {
        var end = bytes.IndexOf((byte)0);
        taken = end + 1;
        if (end <= 0)
            throw new FileException(Errno.EINVAL, "The name is empty.");
        if (end > limit)
            throw new FileException(Errno.ENAMETOOLONG, $"The name is longer than {limit} bytes.");
        try
        {
            return StrictUtf8.GetString(bytes[..end]);
        }
        catch (DecoderFallbackException failure)
        {
            throw new FileException(Errno.EILSEQ, "The name is not UTF-8.", failure);
        }
    }
}
