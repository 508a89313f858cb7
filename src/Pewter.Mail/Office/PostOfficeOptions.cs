namespace Pewter.Mail;

/// <summary>How a process's office of mailboxes is.</summary>
public sealed record PostOfficeOptions
{
    /// <summary>The node; 0: a random one, for an office that stands alone.</summary>
    public ulong Node { get; init; }

    /// <summary>The process on its node; 0: a random one.</summary>
    public uint Office { get; init; }

    /// <summary>The limits.</summary>
    public MailLimits Limits { get; init; } = MailLimits.Default;

    /// <summary>The clock of deadlines.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// How long a blocking receive looks before it sleeps: 0 on a busy machine; longer finds a prompt answer sooner. It
    /// is shortened by itself while it does not help.
    /// </summary>
    public TimeSpan Spin { get; init; } = TimeSpan.FromMicroseconds(20);
}
