using Google.Protobuf;

namespace Pewter.Mail.Protobuf;

/// <summary>
/// Messages in Google's protobuf format, as the seed's Hermodr has them: bodies are the message's bytes and nothing
/// else, so that any program reads them.
/// </summary>
public static class ProtobufMail
{
    /// <summary>Sends a message, waiting for room; see <see cref="Mailbox.SendAsync"/>.</summary>
    public static ValueTask SendAsync(
        this Mailbox box, MailTarget to, IMessage message, SendOptions options = default, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(box);
        return box.SendAsync(to, message.ToByteArray(), options, cancellation);
    }

    /// <summary>Answers a request; see <see cref="Mailbox.Reply(in MailMessage, ReadOnlySpan{byte})"/>.</summary>
    public static RejectReason Reply(this Mailbox box, in MailMessage request, IMessage answer)
    {
        ArgumentNullException.ThrowIfNull(box);
        return box.Reply(request, answer.ToByteArray());
    }

    /// <summary>Sends a request and reads its answer; see <see cref="Mailbox.RequestAsync"/>.</summary>
    /// <param name="box">The mailbox that asks.</param>
    /// <param name="to">Whom.</param>
    /// <param name="request">The request.</param>
    /// <param name="parser">Of the answer: <c>Answer.Parser</c>.</param>
    /// <param name="deadline">How long the answer may take.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="MailException">No answer in time, or a rejection.</exception>
    /// <exception cref="InvalidProtocolBufferException">The answer is no such message.</exception>
    public static async ValueTask<T> RequestAsync<T>(
        this Mailbox box, MailTarget to, IMessage request, MessageParser<T> parser, TimeSpan deadline, CancellationToken cancellation = default)
        where T : IMessage<T>
    {
        ArgumentNullException.ThrowIfNull(box);
        ArgumentNullException.ThrowIfNull(parser);
        return parser.ParseFrom((await box.RequestAsync(to, request.ToByteArray(), deadline, default, cancellation)).Body.Span);
    }

    /// <summary>Reads a message's body.</summary>
    /// <exception cref="InvalidProtocolBufferException">It is no such message.</exception>
    public static T Read<T>(this in MailMessage message, MessageParser<T> parser)
        where T : IMessage<T>
    {
        ArgumentNullException.ThrowIfNull(parser);
        return parser.ParseFrom(message.Body.Span);
    }
}
