using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Peers.Links;

/// <summary><c>/peer/beat</c>: each read at offset 0 tells the present anew, so that one message each way is a sign of life.</summary>
internal sealed class BeatFile(Func<Beat> beat) : TreeFile(QidType.File, UnixMode.Octal(444))
{
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new Open(this, beat));

    private sealed class Open(BeatFile file, Func<Beat> beat) : TreeOpen(file)
    {
        private ReadOnlyMemory<byte> _last;

        public override bool TryRead(ulong offset, Span<byte> buffer, out int count)
        {
            var line = offset == 0 ? _last = beat().Write() : _last;
            var rest = offset < (ulong)line.Length ? line.Span[(int)offset..] : default;
            count = Math.Min(rest.Length, buffer.Length);
            rest[..count].CopyTo(buffer);
            return true;
        }

        public override ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
        {
            TryRead(offset, buffer.Span, out var count);
            return new(count);
        }
    }
}
