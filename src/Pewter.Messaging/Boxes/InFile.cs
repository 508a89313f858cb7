using Pewter.Mail;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Messaging.Boxes;

/// <summary>
/// <c>in</c>: each write is a message, sent before the write returns; to a durable mailbox it is on the disk then.
/// </summary>
internal sealed class InFile(Box box, BoxTable boxes) : TreeFile(QidType.File, UnixMode.Octal(220))
{
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new Open(this, box, boxes));

    private sealed class Open(TreeFile file, Box box, BoxTable boxes) : TreeOpen(file)
    {
        public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            try
            {
                if (box.Durable is { } durable)
                {
                    return await durable.TryKeepAsync(data, cancellation) ? data.Length
                        : throw new FileException(Errno.ENOBUFS, "The mailbox is full: read from its out.");
                }

                await boxes.SendAsync(box.Tenant, box.Target, data, cancellation);
                return data.Length;
            }
            catch (MailException refused)
            {
                throw MailFailure.From(refused);
            }
        }
    }
}
