using Pewter.Linux;
using Pewter.Mail;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Messaging.Boxes;

/// <summary>
/// <c>out</c>: a read waits for the next message and gives its bytes; a longer one is given in pieces. Several readers
/// share what comes. It ends with the mailbox.
/// </summary>
internal sealed class OutFile(Box box) : TreeFile(QidType.File, UnixMode.Octal(440))
{
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new Open(this, box));

    private sealed class Open(TreeFile file, Box box) : TreeOpen(file)
    {
        private readonly SemaphoreSlim _one = new(1, 1);
        private ReadOnlyMemory<byte> _rest;

        public override async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
        {
            await _one.WaitAsync(cancellation);
            try
            {
                if (_rest.IsEmpty)
                {
                    _rest = await NextAsync(cancellation);
                }

                var count = Math.Min(buffer.Length, _rest.Length);
                _rest[..count].CopyTo(buffer);
                _rest = _rest[count..];
                return count;
            }
            finally
            {
                _one.Release();
            }
        }

        protected override async ValueTask CloseAsync()
        {
            if (box.Durable is { } durable && _rest.IsEmpty)
            {
                await durable.DoneAsync(CancellationToken.None);
            }
        }

        private async ValueTask<ReadOnlyMemory<byte>> NextAsync(CancellationToken cancellation)
        {
            await box.Reading.WaitAsync(cancellation);
            try
            {
                if (box.Durable is { } durable)
                {
                    await durable.DoneAsync(cancellation);
                    return await durable.TakeAsync(cancellation) ?? [];
                }

                while (true)
                {
                    var message = await box.Mailbox!.ReceiveAsync(cancellation);
                    if (message.Kind == MessageKind.Data && message.Body.Length > 0)
                    {
                        return message.Body.ToArray();
                    }
                }
            }
            catch (MailException closed) when (closed.Errno == LinuxErrno.EBADF)
            {
                return ReadOnlyMemory<byte>.Empty;
            }
            finally
            {
                box.Reading.Release();
            }
        }
    }
}
