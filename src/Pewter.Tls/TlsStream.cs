using System.Security.Cryptography;

namespace Pewter.Tls;

/// <summary>
/// A stream under TLS 1.3 (RFC 8446) between two who share a key: both prove that they have it, and nobody else reads or changes a byte. For programs
/// that have no library of cryptography, such as the agent, and for those who speak to them. Owns the stream below.
/// </summary>
/// <remarks>
/// One may read while another writes; neither is called by two at once. The exchange is by the key alone (psk_ke): who learns the key later can read
/// what was recorded earlier, so a key is for one boot.
/// </remarks>
public sealed class TlsStream : Stream
{
    private readonly Stream _stream;
    private readonly RecordLayer _records;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly List<byte> _transcript = [];
    private readonly List<byte> _pending = [];
    private Memory<byte> _left;
    private bool _hasEnded;

    private TlsStream(Stream stream) => (_stream, _records) = (stream, new RecordLayer(stream));

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Speaks to a server that has a key for an identity. The stream is the result's, also when it fails.</summary>
    /// <exception cref="TlsException">The server has another key, or speaks something else.</exception>
    public static Task<TlsStream> ConnectAsync(Stream stream, string identity, ReadOnlyMemory<byte> key, CancellationToken cancellation) =>
        ShakeAsync(new TlsStream(stream), tls => tls.ConnectAsync(identity, new KeySchedule(key.Span), cancellation), cancellation);

    /// <summary>Hears a client out. The stream is the result's, also when it fails.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="keyOf">The key of an identity; null when nobody is called so.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TlsException">The client does not have the key, or speaks something else.</exception>
    public static Task<TlsStream> AcceptAsync(Stream stream, Func<string, byte[]?> keyOf, CancellationToken cancellation) =>
        ShakeAsync(new TlsStream(stream), tls => tls.AcceptAsync(keyOf, cancellation), cancellation);

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_left.IsEmpty && !_hasEnded)
        {
            var (type, data) = await _records.ReadAsync(cancellationToken);
            switch (type)
            {
                case RecordType.Data:
                    _left = data;
                    break;
                case RecordType.Handshake:
                    await AfterHandshakeAsync(data, cancellationToken);
                    break;
                case RecordType.ChangeCipherSpec:
                    break;
                default:
                    _hasEnded = true;
                    Demand(type is null || (data.Length == 2 && data.Span[1] == (byte)TlsAlert.CloseNotify), data);
                    break;
            }
        }

        var count = Math.Min(buffer.Length, _left.Length);
        _left[..count].CopyTo(buffer);
        _left = _left[count..];
        return count;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await _records.WriteAsync(RecordType.Data, buffer, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => _stream.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("This stream is read asynchronously.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("This stream is written asynchronously.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Ends the stream below; what is under way ends with it.</summary>
    protected override void Dispose(bool disposing)
    {
        _stream.Dispose();
        base.Dispose(disposing);
    }

    private static async Task<TlsStream> ShakeAsync(TlsStream tls, Func<TlsStream, Task> shake, CancellationToken cancellation)
    {
        try
        {
            await shake(tls);
            return tls;
        }
        catch (TlsException failure)
        {
            await tls.TellAsync(failure.Alert, cancellation);
            await tls.DisposeAsync();
            throw;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private static void Demand(bool isInOrder, ReadOnlyMemory<byte> alert)
    {
        if (!isInOrder)
        {
            throw new TlsException(TlsAlert.CloseNotify, $"the other side ended it by alert {(alert.Length == 2 ? alert.Span[1] : 0)}");
        }
    }

    private async Task ConnectAsync(string identity, KeySchedule keys, CancellationToken cancellation)
    {
        await SayAsync(HandshakeMessages.ClientHello(identity, keys), cancellation);
        HandshakeMessages.ReadServerHello((await HearAsync(HandshakeType.ServerHello, cancellation)).Span);
        var (client, server) = keys.Handshake(Transcript());
        _records.Reading = server;
        await HearAsync(HandshakeType.EncryptedExtensions, cancellation);
        var expected = server.Finished(Transcript());
        CheckFinished(expected, await HearAsync(HandshakeType.Finished, cancellation));
        var (own, peers) = keys.Data(Transcript());
        _records.Writing = client;
        await SayAsync(HandshakeMessages.Message(HandshakeType.Finished, client.Finished(Transcript())), cancellation);
        (_records.Writing, _records.Reading) = (own, peers);
    }

    private async Task AcceptAsync(Func<string, byte[]?> keyOf, CancellationToken cancellation)
    {
        var (keys, session) = HandshakeMessages.ReadClientHello((await HearAsync(HandshakeType.ClientHello, cancellation)).Span, keyOf);
        await SayAsync(HandshakeMessages.ServerHello(session), cancellation);
        var (client, server) = keys.Handshake(Transcript());
        (_records.Reading, _records.Writing) = (client, server);
        await SayAsync(HandshakeMessages.Message(HandshakeType.EncryptedExtensions, [0, 0]), cancellation);
        await SayAsync(HandshakeMessages.Message(HandshakeType.Finished, server.Finished(Transcript())), cancellation);
        var (peers, own) = keys.Data(Transcript());
        var expected = client.Finished(Transcript());
        CheckFinished(expected, await HearAsync(HandshakeType.Finished, cancellation));
        (_records.Reading, _records.Writing) = (peers, own);
    }

    private static void CheckFinished(byte[] expected, ReadOnlyMemory<byte> message)
    {
        if (!CryptographicOperations.FixedTimeEquals(expected, message.Span[4..]))
        {
            throw new TlsException(TlsAlert.DecryptError, "the other side has seen another handshake");
        }
    }

    private ValueTask SayAsync(byte[] message, CancellationToken cancellation)
    {
        _transcript.AddRange(message);
        return _records.WriteAsync(RecordType.Handshake, message, cancellation);
    }

    /// <summary>The next message of the handshake, which may come in pieces, or with others in one record.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> HearAsync(HandshakeType expected, CancellationToken cancellation)
    {
        const int Longest = 1 << 14;
        while (!IsWhole())
        {
            var (type, data) = await _records.ReadAsync(cancellation);
            if (type is null or RecordType.Alert)
            {
                var how = type is null ? "the other side hung up" : $"the other side refused, alert {data.Span[^1]}";
                throw new TlsException(TlsAlert.CloseNotify, how);
            }

            if (type is RecordType.Data || _pending.Count > Longest)
            {
                throw new TlsException(TlsAlert.UnexpectedMessage, "the other side does not keep to the handshake");
            }

            if (type == RecordType.Handshake)
            {
                _pending.AddRange(data.Span);
            }
        }

        var message = TakePending();
        _transcript.AddRange(message);
        return message[0] == (byte)expected ? message
            : throw new TlsException(TlsAlert.UnexpectedMessage, $"message {message[0]} came where {(byte)expected} was expected");
    }

    private bool IsWhole() => _pending.Count >= 4 && _pending.Count >= 4 + ((_pending[1] << 16) | (_pending[2] << 8) | _pending[3]);

    private byte[] TakePending()
    {
        var length = 4 + ((_pending[1] << 16) | (_pending[2] << 8) | _pending[3]);
        var message = _pending.GetRange(0, length).ToArray();
        _pending.RemoveRange(0, length);
        return message;
    }

    private byte[] Transcript() => [.. _transcript];

    // Tickets are of no use to who has the key anyway; new keys are taken, and answered when asked for (RFC 8446, 4.6.3).
    private async ValueTask AfterHandshakeAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        _pending.AddRange(data.Span);
        while (IsWhole())
        {
            var message = TakePending();
            if (message[0] != (byte)HandshakeType.KeyUpdate)
            {
                continue;
            }

            _records.Reading = _records.Reading!.Next();
            if (message is [_, _, _, _, 1])
            {
                await UpdateAsync(cancellation);
            }
        }
    }

    private async ValueTask UpdateAsync(CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await _records.WriteAsync(RecordType.Handshake, HandshakeMessages.Message(HandshakeType.KeyUpdate, [0]), cancellation);
            _records.Writing = _records.Writing!.Next();
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task TellAsync(TlsAlert alert, CancellationToken cancellation)
    {
        const byte Fatal = 2;
        try
        {
            await _records.WriteAsync(RecordType.Alert, new[] { Fatal, (byte)alert }, cancellation);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // It does not hear why any more.
        }
    }
}
