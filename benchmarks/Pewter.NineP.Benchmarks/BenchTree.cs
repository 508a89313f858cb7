using System.Globalization;
using System.Text;
using Pewter.NineP.Serving;

namespace Pewter.NineP.Benchmarks;

/// <summary>A root with one file of 4 KiB, and one that tells how many bytes the server has allocated.</summary>
internal sealed class BenchTree : IAttachPoint
{
    private readonly Folder _root = new();

    public ValueTask<Attachment> AttachAsync(AttachRequest request, CancellationToken cancellation) =>
        new(new Attachment(_root, request.Peer!));

    private sealed class Folder : ServedFile
    {
        private readonly Content _file = new(2, new byte[4096]);

        public override Qid Qid => new(QidType.Directory, 0, 1);

        public override ValueTask<FileStat> StatAsync(Caller caller, CancellationToken cancellation) =>
            new(new FileStat { Qid = Qid, Mode = 0x41ED, LinkCount = 1 });

        public override ValueTask<ServedFile?> WalkAsync(string name, Caller caller, CancellationToken cancellation) => new(name switch
        {
            "file" => _file,
            "allocated" => new Content(3, Encoding.ASCII.GetBytes(GC.GetTotalAllocatedBytes(true).ToString(CultureInfo.InvariantCulture))),
            _ => null,
        });

        public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
            throw new FileException(Errno.EACCES, "Nothing to list.");
    }

    private sealed class Content(ulong path, byte[] bytes) : ServedFile
    {
        public override Qid Qid => new(QidType.File, 0, path);

        public override ValueTask<FileStat> StatAsync(Caller caller, CancellationToken cancellation) =>
            new(new FileStat { Qid = Qid, Mode = 0x81A4, LinkCount = 1, Size = (ulong)bytes.Length });

        public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
            new(new Open(this, bytes));
    }

    private sealed class Open(ServedFile file, byte[] bytes) : OpenFile(file)
    {
        public override bool TryRead(ulong offset, Span<byte> buffer, out int count)
        {
            count = offset >= (ulong)bytes.Length ? 0 : Math.Min(buffer.Length, bytes.Length - (int)offset);
            bytes.AsSpan(count == 0 ? 0 : (int)offset, count).CopyTo(buffer);
            return true;
        }
    }
}
