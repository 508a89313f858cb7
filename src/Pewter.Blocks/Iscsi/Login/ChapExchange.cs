using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Pewter.Blocks.Iscsi.Login;

/// <summary>
/// The target's side of a CHAP exchange (RFC 7143 12.1.3): choose an algorithm, challenge, check the answer, and answer
/// the initiator's own challenge when it sends one. A pure object but for its randomness.
/// </summary>
/// <param name="candidates">
/// The access entries whose credentials would do; more than one only in a discovery session.
/// </param>
/// <param name="random">Fills a challenge.</param>
internal sealed class ChapExchange(IReadOnlyList<IscsiAccessConfig> candidates, Action<byte[]> random)
{
    private const int ChallengeLength = 32, MaxChallengeLength = 1024;

    private readonly byte[] _challenge = new byte[ChallengeLength];
    private ChapAlgorithm? _algorithm;
    private byte _id;

    /// <summary>The entries whose credentials the initiator has shown; empty until it has.</summary>
    public IReadOnlyList<IscsiAccessConfig> Proven { get; private set; } = [];

    public bool IsChallenged => _algorithm is not null;

    /// <summary>Answers CHAP_A with a challenge; false when no algorithm is shared.</summary>
    public bool TryChallenge(string offered, ICollection<KeyValuePair<string, string>> reply)
    {
        _algorithm = ChapAlgorithm.Choose(offered);
        if (_algorithm is null)
            return false;
        byte[] id = new byte[1];
        random(id);
        random(_challenge);
        _id = id[0];
        reply.Add(new("CHAP_A", _algorithm.Id));
        reply.Add(new("CHAP_I", _id.ToString(CultureInfo.InvariantCulture)));
        reply.Add(new("CHAP_C", BinaryValue.Format(_challenge)));
        return true;
    }

    /// <summary>
    /// Checks CHAP_N and CHAP_R in a time that does not depend on what is wrong, and answers CHAP_I and CHAP_C.
    /// </summary>
    public bool TryProve(IReadOnlyDictionary<string, string> keys, ICollection<KeyValuePair<string, string>> reply)
    {
        if (_algorithm is null || !keys.TryGetValue("CHAP_N", out string? user) || !keys.TryGetValue("CHAP_R", out string? text))
            return false;
        byte[] response = BinaryValue.TryParse(text) ?? [];
        List<IscsiAccessConfig> proven = [];
        foreach (IscsiAccessConfig candidate in candidates)
        {
            if (Matches(candidate.Chap!, user, response, _algorithm))
                proven.Add(candidate);
        }
        Proven = proven;
        return proven.Count > 0 && AnswerChallenge(keys, proven[0].MutualChap, reply);
    }

    private bool Matches(ChapCredentials credentials, string user, byte[] response, ChapAlgorithm algorithm)
    {
        byte[] expected = algorithm.Respond(_id, Encoding.UTF8.GetBytes(credentials.Secret), _challenge);
        bool sameUser = CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(credentials.User)), SHA256.HashData(Encoding.UTF8.GetBytes(user)));
        return CryptographicOperations.FixedTimeEquals(expected, response) & sameUser;
    }

    private bool AnswerChallenge(
        IReadOnlyDictionary<string, string> keys, ChapCredentials? own, ICollection<KeyValuePair<string, string>> reply)
    {
        if (!keys.TryGetValue("CHAP_I", out string? idText) || !keys.TryGetValue("CHAP_C", out string? challengeText))
            return true;
        byte[]? challenge = BinaryValue.TryParse(challengeText);
        // Our own challenge sent back would make us compute the answer we wait for.
        bool usable = challenge is { Length: > 0 and <= MaxChallengeLength } && !challenge.AsSpan().SequenceEqual(_challenge);
        if (own is null || !usable || !byte.TryParse(idText, NumberStyles.None, CultureInfo.InvariantCulture, out byte id))
            return false;
        byte[] response = _algorithm!.Respond(id, Encoding.UTF8.GetBytes(own.Secret), challenge);
        reply.Add(new("CHAP_N", own.User));
        reply.Add(new("CHAP_R", BinaryValue.Format(response)));
        return true;
    }
}
