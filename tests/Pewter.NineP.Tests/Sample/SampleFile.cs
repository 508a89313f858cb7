using System.Text;
using Pewter.NineP.Serving;

namespace Pewter.NineP.Tests.Sample;

/// <summary>What all files of the sample tree have.</summary>
internal abstract class SampleFile : ServedFile
{
    private static long _lastPath;

    protected SampleFile(QidType type, uint mode)
    {
        Qid = new Qid(type, 0, (ulong)Interlocked.Increment(ref _lastPath));
        Mode = mode;
    }

    public override Qid Qid { get; }

    public uint Mode { get; protected set; }

    public SampleDirectory? Directory { get; set; }

    public override ServedFile? Parent => Directory;

    public DateTimeOffset ModifiedAt { get; protected set; } = DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000);

    protected virtual ulong Size => 0;

    public override ValueTask<FileStat> StatAsync(Caller caller, CancellationToken cancellation) => new(new FileStat
    {
        Qid = Qid,
        Mode = Mode,
        Uid = 1000,
        Gid = 1000,
        User = "alice",
        Group = "lab",
        Size = Size,
        LinkCount = 1,
        ModifiedAt = ModifiedAt,
    });

    public override ValueTask RemoveAsync(Caller caller, CancellationToken cancellation)
    {
        if (Directory is null)
            throw new FileException(Errno.EBUSY, "A root cannot be removed.");
        Directory.Take(this);
        return default;
    }
}

/// <summary>A plain file in memory.</summary>
internal sealed class SampleText : SampleFile
{
    private byte[] _content;

    public SampleText(string content, uint mode = 0x81A4)
        : base(QidType.File, mode) => _content = Encoding.UTF8.GetBytes(content);

    public SampleText(byte[] content)
        : base(QidType.File, 0x81A4) => _content = content;

    public string Content => Encoding.UTF8.GetString(_content);

    public byte[] Bytes
    {
        get => _content;
        set => _content = value;
    }

    public int Opens { get; set; }

    protected override ulong Size => (ulong)_content.Length;

    public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        if (flags.CanWrite() && !caller.MayWrite)
            throw new FileException(Errno.EROFS, "Read only.");
        if ((flags & OpenFlags.Truncate) != 0)
            _content = [];
        Opens++;
        return new(new Open(this));
    }

    public override ValueTask ChangeStatAsync(StatChange changes, Caller caller, CancellationToken cancellation)
    {
        if (changes.Size > 1 << 20)
            throw new FileException(Errno.EFBIG, "Too large.");
        if (changes.Size is { } size)
            Array.Resize(ref _content, (int)size);
        if (changes.Mode is { } mode)
            Mode = (Mode & ~0xFFFu) | mode;
        if (changes.ModifiedAt is { } time)
            ModifiedAt = time;
        if (changes.Name is { } name)
            Directory!.Rename(this, name);
        return default;
    }

    private sealed class Open(SampleText file) : OpenFile(file)
    {
        public override bool TryRead(ulong offset, Span<byte> buffer, out int count)
        {
            var content = file._content;
            count = offset >= (ulong)content.Length ? 0 : Math.Min(buffer.Length, content.Length - (int)offset);
            content.AsSpan(count == 0 ? 0 : (int)offset, count).CopyTo(buffer);
            return true;
        }

        public override ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            if (offset > 1 << 20)
                throw new FileException(Errno.EFBIG, "Too large.");
            var end = (int)offset + data.Length;
            if (end > file._content.Length)
                Array.Resize(ref file._content, end);
            data.Span.CopyTo(file._content.AsSpan((int)offset));
            return new(data.Length);
        }

        public override ValueTask DisposeAsync()
        {
            file.Opens--;
            return base.DisposeAsync();
        }
    }
}

/// <summary>A symbolic link.</summary>
internal sealed class SampleLink(string target) : SampleFile(QidType.Symlink, 0xA1FF)
{
    public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        throw new FileException(Errno.ELOOP, "A link.");

    public override ValueTask<string> ReadLinkAsync(Caller caller, CancellationToken cancellation) => new(target);
}
