using Pewter.Mail;
using Pewter.NineP;

namespace Pewter.Native;

/// <summary>
/// A mailbox as C has it: a message that did not fit stays until there is room for it, and the last one is remembered, as it may ask for a
/// stream. One thread at a time receives; any may close.
/// </summary>
internal sealed class NativeMailbox(Mailbox box) : IDisposable
{
    private readonly Lock _receiving = new();
    private MailMessage? _waiting;
    private MailMessage _last;

    internal Mailbox Box => box;

    /// <summary>Gives the next message to a taker, which refuses it by false: then it is given again.</summary>
    /// <returns>False when the time is over.</returns>
    /// <exception cref="FileException">EMSGSIZE: the taker has no room.</exception>
    internal bool Receive(TimeSpan timeout, Func<MailMessage, bool> taker)
    {
        lock (_receiving)
        {
            if (_waiting is null)
            {
                if (!box.Receive(out var next, timeout))
                {
                    return false;
                }

                _waiting = next;
            }

            var message = _waiting.Value;
            if (!taker(message))
            {
                throw new FileException(Errno.EMSGSIZE, $"The message has {message.Body.Length} bytes: receive it with room for them.");
            }

            (_waiting, _last) = (null, message);
            return true;
        }
    }

    /// <summary>The stream that the last message asks for.</summary>
    internal MailStream Accept()
    {
        lock (_receiving)
        {
            return box.Accept(_last);
        }
    }

    public void Dispose() => box.Dispose();
}
