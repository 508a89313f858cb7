using Pewter.Mail;

namespace Pewter.Messaging;

/// <summary>Transports as the tree writes them.</summary>
internal static class MailTransports
{
    /// <summary>The word; null where it is not known.</summary>
    internal static string? Word(MailTransport transport) => transport switch
    {
        MailTransport.InProcess => "in-process",
        MailTransport.SharedMemory => "shared-memory",
        MailTransport.SameHost => "same-host",
        MailTransport.SameSegment => "same-segment",
        MailTransport.Relayed => "relayed",
        _ => null,
    };
}
