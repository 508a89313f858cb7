using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Testing.Serving;

/// <summary>Text that honours offsets: synthetic (version 0, size 0) or a plain file (version 1, its size).</summary>
public sealed class MemoryText : MemoryFile
{
    private readonly bool _synthetic;
    private byte[] _content;

    public MemoryText(string content, uint version = 0)
        : base(QidType.File, version) => (_content, _synthetic) = (Encoding.UTF8.GetBytes(content), version == 0);

    public string Content
    {
        get => Encoding.UTF8.GetString(_content);
        set => _content = Encoding.UTF8.GetBytes(value);
    }

    protected override ulong Size => _synthetic ? 0 : (ulong)_content.Length;

    public override ValueTask ChangeStatAsync(StatChange changes, Caller caller, CancellationToken cancellation)
    {
        if (changes.Size is { } size && !_synthetic)
            Array.Resize(ref _content, (int)size);
        return base.ChangeStatAsync(changes, caller, cancellation);
    }

    public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, flags);
        if (flags.HasFlag(OpenFlags.Truncate))
            _content = [];
        return new(new Opened(this, flags.HasFlag(OpenFlags.Append)));
    }

    private sealed class Opened(MemoryText text, bool appends) : OpenFile(text)
    {
        public override bool TryRead(ulong offset, Span<byte> buffer, out int count)
        {
            var rest = offset < (ulong)text._content.Length ? text._content.AsSpan((int)offset) : [];
            count = Math.Min(rest.Length, buffer.Length);
            rest[..count].CopyTo(buffer);
            return true;
        }

        public override ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            if (offset > 1 << 20)
                throw new FileException(Errno.EFBIG, "Too large.");
            lock (text)
            {
                offset = appends ? (ulong)text._content.Length : offset;
                var end = (int)offset + data.Length;
                if (end > text._content.Length)
                    Array.Resize(ref text._content, end);
                data.Span.CopyTo(text._content.AsSpan((int)offset));
            }

            return new(data.Length);
        }
    }
}
