using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Distribution.Blobs;

/// <summary>
/// A content that arrives, is read while it arrives, and stays under its digest. Owns the file that it arrives in.
/// </summary>
/// <remarks>
/// <code>
/// partial ──write──► receiving ──all, right digest──► ready ──► gone
///    ▲                   │ └────all, wrong digest────► partial, from 0
///    └──the writer left──┘
/// </code>
/// Safe to use from any thread; one lock guards what changes, never held while waiting. One writer at a time; each piece follows the last.
/// </remarks>
internal sealed class Blob : IDisposable
{
    // A piece may come so much too early: enough for a window of pieces, too little for a slip of a writer to wait for ever unseen.
    private const long EarlyBytes = 16 << 20;

    private readonly Lock _lock = new();
    private readonly BlobDirectory _directory;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SafeFileHandle? _incoming;
    private string _whyGone = "It was removed.";
    private long _sent;

    /// <summary>A blob that is to arrive; digest and size are null where the sender does not know them yet.</summary>
    internal Blob(BlobDirectory directory, long number, Owner owner, string name, string? digest, long? size, bool isBundle, DateTimeOffset now)
    {
        (_directory, Number, Owner, Name, Digest, Size, IsBundle, Used) = (directory, number, owner, name, digest, size, isBundle, now);
    }

    /// <summary>A blob of an earlier life.</summary>
    internal Blob(BlobDirectory directory, BlobRecord record)
        : this(
            directory, record.Number, new Owner(record.User, record.Group, record.Uid, record.Gid), record.Name, record.Digest,
                record.Size, record.IsBundle, record.Used)
    {
        (State, Have, IsUnproven) = (BlobState.Ready, record.Size, true);
    }

    internal long Number { get; }

    internal Owner Owner { get; }

    internal string Name { get; set; }

    /// <summary>SHA-256 in hexadecimal digits; null until it is known.</summary>
    internal string? Digest { get; private set; }

    /// <summary>Bytes; null until it is known.</summary>
    internal long? Size { get; private set; }

    internal bool IsBundle { get; }

    /// <summary>Bytes that are there.</summary>
    internal long Have { get; private set; }

    internal BlobState State { get; private set; }

    internal DateTimeOffset Used { get; set; }

    /// <summary>Whether its file is of an earlier life and nobody has looked at its digest since.</summary>
    internal bool IsUnproven { get; private set; }

    /// <summary>Bytes that were passed on to peers.</summary>
    internal long Sent => Volatile.Read(ref _sent);

    /// <summary>Completes when it is ready; fails when it is gone, or its writer has left before.</summary>
    internal async Task ReadyAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task next;
            lock (_lock)
            {
                if (State == BlobState.Ready)
                {
                    return;
                }

                DemandHope();
                next = _changed.Task;
            }

            await next.WaitAsync(cancellation);
        }
    }

    internal void CountSent(int bytes) => Interlocked.Add(ref _sent, bytes);

    internal BlobRecord ToRecord() => new(Number, Owner.User, Owner.Uid, Owner.Group, Owner.Gid, Name, Digest!, Size!.Value, IsBundle, Used);

    /// <summary>Becomes its only writer.</summary>
    /// <exception cref="FileException">EBUSY: somebody else is; EPERM: it is all there.</exception>
    internal void BeginWriting()
    {
        lock (_lock)
        {
            State = State switch
            {
                BlobState.Partial => BlobState.Receiving,
                BlobState.Receiving => throw new FileException(Errno.EBUSY, "Somebody else is writing it: wait for it."),
                BlobState.Ready => throw new FileException(Errno.EPERM, "All of it is there; a digest's content never changes."),
                _ => throw Gone(),
            };
            _incoming ??= File.OpenHandle(_directory.Incoming(Number), FileMode.OpenOrCreate, FileAccess.ReadWrite,
                FileShare.ReadWrite | FileShare.Delete);
            Change();
        }
    }

    /// <summary>Waits until the pieces before an offset are there: several may be under way at once, and need not come in their order.</summary>
    internal async ValueTask TurnAsync(long offset, CancellationToken cancellation)
    {
        while (true)
        {
            Task next;
            lock (_lock)
            {
                if (offset <= Have || offset - Have > EarlyBytes || State != BlobState.Receiving)
                {
                    return;
                }

                next = _changed.Task;
            }

            await next.WaitAsync(cancellation);
        }
    }

    /// <summary>Takes the next piece. With the last one of an announced size the digest is compared, and the blob is ready.</summary>
    /// <returns>Whether it is ready now.</returns>
    internal bool Write(long offset, ReadOnlySpan<byte> piece, long limit)
    {
        lock (_lock)
        {
            if (State != BlobState.Receiving)
            {
                throw Gone();
            }

            if (offset != Have)
            {
                throw new FileException(Errno.EINVAL, $"Pieces follow each other: {Have} bytes are there, and this one is for {offset}.");
            }

            if (Have + piece.Length > (Size ?? limit))
            {
                throw new FileException(Errno.EFBIG, $"That is more than {Size ?? limit} bytes.");
            }

            RandomAccess.Write(_incoming!, piece, offset);
            _hash.AppendData(piece);
            Have += piece.Length;
            if (Have == Size)
            {
                Seal();
            }

            Change();
            return State == BlobState.Ready;
        }
    }

    /// <summary>Says that what is there is all of it. Digest and size are what they are, or must be what was announced.</summary>
    internal void SealAll()
    {
        lock (_lock)
        {
            if (State is BlobState.Partial or BlobState.Receiving)
            {
                Size ??= Have;
                _incoming ??= File.OpenHandle(_directory.Incoming(Number), FileMode.OpenOrCreate, FileAccess.ReadWrite,
                    FileShare.ReadWrite | FileShare.Delete);
                Seal();
                Change();
            }
        }
    }

    /// <summary>The writer is gone.</summary>
    internal void EndWriting()
    {
        lock (_lock)
        {
            if (State == BlobState.Receiving)
            {
                State = BlobState.Partial;
                Change();
            }
        }
    }

    /// <summary>Reads what is there at an offset; 0 at the end of all; null when more is on its way.</summary>
    internal int? TryRead(SafeFileHandle file, long offset, Span<byte> buffer)
    {
        long have;
        lock (_lock)
        {
            have = Have;
            if (offset >= have)
            {
                if (State == BlobState.Ready)
                {
                    return 0;
                }

                DemandHope();
                return null;
            }
        }

        return RandomAccess.Read(file, buffer[..(int)Math.Min(buffer.Length, have - offset)], offset);
    }

    /// <summary>Completes with the next change.</summary>
    internal Task NextChange()
    {
        lock (_lock)
        {
            return _changed.Task;
        }
    }

    /// <summary>Opens its file for reading, wherever it lies now.</summary>
    internal SafeFileHandle OpenFile()
    {
        lock (_lock)
        {
            return State switch
            {
                BlobState.Gone => throw Gone(),
                BlobState.Ready => File.OpenHandle(_directory.Data(Digest!), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete),
                _ => File.OpenHandle(
                    _directory.Incoming(Number), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete),
            };
        }
    }

    /// <summary>Looks at the content of a blob of an earlier life: a machine that lost power may have lost pages of it.</summary>
    internal void Prove()
    {
        if (!IsUnproven)
        {
            return;
        }

        using var content = File.OpenRead(_directory.Data(Digest!));
        if (Convert.ToHexStringLower(SHA256.HashData(content)) != Digest)
        {
            Fail("Its file was damaged while no daemon ran: push it again.");
            throw Gone();
        }

        IsUnproven = false;
    }

    /// <summary>It is no more; who waits for it is told.</summary>
    internal void Fail(string why)
    {
        lock (_lock)
        {
            if (State is not (BlobState.Ready or BlobState.Gone))
            {
                _directory.Drop(Number);
            }

            (State, _whyGone) = (BlobState.Gone, why);
            Change();
        }
    }

    public void Dispose()
    {
        _incoming?.Dispose();
        _hash.Dispose();
    }

    private FileException Gone() => new(Errno.ENOENT, State == BlobState.Gone ? _whyGone : "Nobody has opened it for writing.");

    private void DemandHope()
    {
        if (State == BlobState.Gone)
        {
            throw Gone();
        }

        if (State == BlobState.Partial && Have > 0)
        {
            throw new FileException(Errno.EIO,
                $"Its sender has left after {Have} of {Size?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"} bytes.");
        }
    }

    private void Seal()
    {
        var digest = Convert.ToHexStringLower(_hash.GetHashAndReset());
        if ((Digest is not null && Digest != digest) || Size != Have)
        {
            var announced = $"{Size} bytes with the digest {Digest ?? "?"}";
            var came = $"{Have} with {digest}";
            (Have, State) = (0, BlobState.Partial);
            RandomAccess.SetLength(_incoming!, 0);
            Change();
            throw new FileException(Errno.EIO, $"{announced} were announced, and {came} came: send it again.");
        }

        Digest = digest;
        _directory.Accept(Number, digest);
        _incoming!.Dispose();
        State = BlobState.Ready;
    }

    private void Change()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
