using System.IO.Pipelines;
using Pewter.Mail;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Messaging.Trunks;

/// <summary>
/// <c>/name/trunk</c>: an open of it is a trunk to the hub of whoever opens it. Only daemons that have joined may, by
/// the token or certificate they joined with, and
/// administrators: who has a trunk speaks for all names behind it.
/// </summary>
internal sealed class TrunkFile(MailHub hub) : TreeFile(QidType.File, UnixMode.Octal(666))
{
    private const string PeerGroup = "peer";

    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        if (!caller.IsAdmin && !caller.Groups.Any(group => group == PeerGroup || group.StartsWith(PeerGroup + ":", StringComparison.Ordinal)))
        {
            throw new FileException(Errno.EACCES, "Trunks are for daemons that have joined: their token has the group 'peer'.");
        }

        return new(new Open(this, hub, caller.User));
    }

    private sealed class Open : TreeOpen
    {
        private readonly Pipe _in = new();
        private readonly Pipe _out = new();
        private readonly Task _trunk;

        internal Open(TreeFile file, MailHub hub, string user)
            : base(file)
        {
            var (reader, writer) = (_in.Reader.AsStream(), _out.Writer.AsStream());
            var stream = new TrunkStream(reader.ReadAsync, writer.WriteAsync, async () =>
            {
                await _in.Reader.CompleteAsync();
                await _out.Writer.CompleteAsync();
            });
            _trunk = hub.TrunkAsync(stream, user, cancellation: CancellationToken.None);
        }

        public override async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
        {
            var read = await _out.Reader.ReadAsync(cancellation);
            var count = (int)Math.Min(buffer.Length, read.Buffer.Length);
            System.Buffers.BuffersExtensions.CopyTo(read.Buffer.Slice(0, count), buffer.Span);
            _out.Reader.AdvanceTo(read.Buffer.GetPosition(count));
            return count;
        }

        public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            var written = await _in.Writer.WriteAsync(data, cancellation);
            return written.IsCompleted ? throw new FileException(Errno.EPIPE, "The trunk has ended.") : data.Length;
        }

        protected override async ValueTask CloseAsync()
        {
            await _in.Writer.CompleteAsync();
            await _trunk;
            await _out.Reader.CompleteAsync();
        }
    }
}
