using System.Text;

namespace Pewter.Mail;

/// <summary>
/// What offices and hubs tell each other besides mail. The numbers go on behind <see cref="FrameKind"/>'s.
/// </summary>
internal static class HubFrame
{
    /// <summary>An office or a hub says who it is. Body: the version of the protocol and the name.</summary>
    internal const FrameKind Hello = (FrameKind)32;

    /// <summary>The hub takes an office in. To: its address.</summary>
    internal const FrameKind Welcome = (FrameKind)33;

    /// <summary>
    /// From: the mailbox; Sequence: the binding's number; Body: the name. An answer is awaited when Request is not 0.
    /// </summary>
    internal const FrameKind Bind = (FrameKind)34;

    /// <summary>Request: of the binding. Body: empty, or why not.</summary>
    internal const FrameKind BindAnswer = (FrameKind)35;

    internal const FrameKind Unbind = (FrameKind)36;

    /// <summary>Request: the watch's number; Body: what.</summary>
    internal const FrameKind Watch = (FrameKind)37;

    /// <summary>A binding is there: as in Bind.</summary>
    internal const FrameKind Up = (FrameKind)38;

    /// <summary>A binding is gone.</summary>
    internal const FrameKind Down = (FrameKind)39;

    /// <summary>Everything that a watch matches has been told.</summary>
    internal const FrameKind Synced = (FrameKind)40;

    /// <summary>An office asks for the way to another: To.</summary>
    internal const FrameKind FindWay = (FrameKind)41;

    /// <summary>The way is a segment: it comes with this frame. From: the peer; Request: the side.</summary>
    internal const FrameKind Offer = (FrameKind)42;

    /// <summary>
    /// The way is by this hub, or is another one now: what is under way is sent again. From: the peer; Request: how far
    /// it is, a <see cref="MailTransport"/>.
    /// </summary>
    internal const FrameKind Relay = (FrameKind)43;

    /// <summary>A process, or with office 0 a whole node, is gone: From. Reason: how.</summary>
    internal const FrameKind Lost = (FrameKind)44;

    /// <summary>A sign of life.</summary>
    internal const FrameKind Beat = (FrameKind)45;

    /// <summary>From: a process that can be reached this way; To: the node of the hub that speaks for it.</summary>
    internal const FrameKind NodeUp = (FrameKind)46;

    /// <summary>
    /// From: the node of a hub that takes direct connections. Body: its name, its key and its endpoints, a line each;
    /// empty: it is no longer of the tree.
    /// </summary>
    internal const FrameKind Place = (FrameKind)47;

    internal const string Version = "pewter-mail 1";

    internal static bool IsMail(FrameKind kind) => kind < Hello;

    internal static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    internal static string Text(ReadOnlySpan<byte> body) => Encoding.UTF8.GetString(body);

    internal static FrameHeader ForBinding(FrameKind kind, NameBinding binding, ulong request = 0) => new()
    {
        Kind = kind, From = binding.Port, Sequence = binding.Id, Request = request,
        Flags = (binding.IsGroup ? FrameFlags.Group : FrameFlags.None) | (binding.IsExclusive ? FrameFlags.Multicast : FrameFlags.None),
    };

    /// <summary>The binding that a frame tells of; null when it is none.</summary>
    internal static NameBinding? ReadBinding(in FrameHeader header, ReadOnlySpan<byte> body) =>
        header.Sequence <= uint.MaxValue && !header.From.IsNone && MailTarget.TryParse(Text(body), out var target) && !target.IsPort
            ? new NameBinding(target, header.From, (uint)header.Sequence)
            {
                IsGroup = header.Has(FrameFlags.Group), IsExclusive = header.Has(FrameFlags.Multicast),
            }
            : null;
}
