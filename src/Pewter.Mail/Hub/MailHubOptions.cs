using System.Security.Cryptography;

namespace Pewter.Mail;

/// <summary>How a hub is.</summary>
public sealed record MailHubOptions
{
    /// <summary>
    /// The node's number, the same over restarts: what has a ring goes on under it. A random one by default.
    /// </summary>
    public ulong Node { get; init; } = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;

    /// <summary>The node's name, for people.</summary>
    public string Name { get; init; } = "";

    /// <summary>The limits of frames.</summary>
    public MailLimits Limits { get; init; } = MailLimits.Default;

    /// <summary>The clock of signs of life.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// The name space (tenant) of a process by its user and group numbers; null refuses it. All are of one by default.
    /// </summary>
    public Func<uint, uint, string?> Tenant { get; init; } = (_, _) => "";

    /// <summary>
    /// A trunk is given up after so long without a byte: names of a dead machine are down within 2 s.
    /// </summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>
    /// A new hub does not say of anybody that he is unknown before this time is over: processes and trunks of the last
    /// one come back within it.
    /// </summary>
    public TimeSpan Settling { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Signs of life come this often.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Bytes that may wait for one process or trunk that does not read; beyond, mail is dropped and its senders send it again.
    /// </summary>
    public int OutboxBytes { get; init; } = 16 << 20;

    /// <summary>Processes of the node at once.</summary>
    public int OfficesMax { get; init; } = 4096;
}
