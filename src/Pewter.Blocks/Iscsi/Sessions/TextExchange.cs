using System.Globalization;
using System.Net;
using Pewter.Blocks.Iscsi.Wire;

namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>
/// Text requests in full feature phase (RFC 7143 11.10, appendix C): SendTargets, and MaxRecvDataSegmentLength anew.
/// </summary>
internal sealed class TextExchange(IscsiConnection connection, IscsiSession session, Replies replies)
{
    private byte[] _incoming = [];
    private byte[] _outgoing = [];
    private int _sent;
    private uint _transferTag = BasicHeader.NoTag;

    public void Take(in Pdu pdu)
    {
        bool continues = (pdu.Header.Flags & 0x40) != 0;
        bool goesOn = pdu.Header.Word20 != BasicHeader.NoTag;
        if (goesOn && pdu.Header.Word20 != _transferTag)
        {
            replies.Reject(RejectReason.InvalidPduField, pdu.Header);
            return;
        }
        if (!goesOn)
            (_incoming, _outgoing, _sent) = ([], [], 0);
        Gather(pdu.Data.Span);
        if (continues)
            Ask(pdu.Header.TaskTag);
        else
            Answer(pdu.Header.TaskTag);
    }

    private void Gather(ReadOnlySpan<byte> text)
    {
        if (_incoming.Length + text.Length > connection.Limits.NegotiationText)
            throw new PduException("a text request is too long");
        _incoming = [.. _incoming, .. text];
    }

    /// <summary>Asks for the next part of a request.</summary>
    private void Ask(uint tag)
    {
        _transferTag = session.NextTransferTag();
        replies.Text(tag, _transferTag, []);
    }

    /// <summary>Sends the answer, as much at once as the initiator takes.</summary>
    private void Answer(uint tag)
    {
        if (_sent == 0)
        {
            _outgoing = KeyValueText.Format(Answers(KeyValueText.Parse(_incoming)));
            _incoming = [];
        }
        int length = Math.Min(_outgoing.Length - _sent, session.Parameters.PeerDataSegment);
        bool more = _sent + length < _outgoing.Length;
        _transferTag = more ? session.NextTransferTag() : BasicHeader.NoTag;
        replies.Text(tag, _transferTag, _outgoing.AsSpan(_sent, length));
        _sent = more ? _sent + length : 0;
    }

    private IEnumerable<KeyValuePair<string, string>> Answers(IEnumerable<KeyValuePair<string, string>> keys)
    {
        foreach ((string key, string value) in keys)
        {
            if (key == "SendTargets")
            {
                foreach (KeyValuePair<string, string> line in Targets(value))
                    yield return line;
            }
            else if (key == "MaxRecvDataSegmentLength" && int.TryParse(value, CultureInfo.InvariantCulture, out int length) && length >= 512)
            {
                session.Parameters.PeerDataSegment = Math.Min(length, 0xFFFFFF);
            }
            else
            {
                yield return new(key, "NotUnderstood");
            }
        }
    }

    private IEnumerable<KeyValuePair<string, string>> Targets(string wanted)
    {
        IEnumerable<string> visible = session.Target is { } own
            ? [own.Name]
            : connection.Server.Directory.VisibleTo(session.Initiator.Name, session.Proven);
        bool all = wanted == "All" && session.IsDiscovery;
        bool mine = wanted.Length == 0 && !session.IsDiscovery;
        foreach (string name in visible.Where(n => all || mine || n == IscsiName.Normalize(wanted)))
        {
            yield return new("TargetName", name);
            yield return new("TargetAddress", $"{Portal(connection.Local)},{TargetDirectory.PortalGroup}");
        }
    }

    private static string Portal(IPEndPoint local)
    {
        IPAddress address = local.Address.IsIPv4MappedToIPv6 ? local.Address.MapToIPv4() : local.Address;
        return new IPEndPoint(address, local.Port).ToString();
    }
}
