using Pewter.NineP.Tests.Wire;

namespace Pewter.NineP.Tests.Soak;

/// <summary>
/// Strategy: bodies of every message, valid ones with bytes changed, cut or added, and noise. Invariants: decoding never throws, and what it
/// takes as well formed encodes to the same bytes.
/// </summary>
[Trait("Category", "Soak")]
public sealed class CodecFuzzTests
{
    [Fact]
    public void No_body_makes_the_codec_throw_or_misread()
    {
        var random = new Random(20261120);
        var entries = MessageCatalogue.All.Values.ToArray();
        var taken = 0;
        var total = Scale.Of(5_000_000, 150_000);
        for (long i = 0; i < total; i++)
        {
            var entry = entries[random.Next(entries.Length)];
            var dialect = random.Next(2) == 0 ? Dialect.NineP2000L : Dialect.NineP2000;
            var body = Mutate(MessageCatalogue.RandomBody(entry, dialect, random), random);
            var again = entry.Recode(body, dialect);
            if (again is null)
                continue;
            taken++;
            if (!IsOptional(entry.Layout))
                Assert.Equal(body, again);
        }

        Assert.InRange(taken, total / 10, total);
    }

    /// <summary>Fields that may be missing are written nevertheless.</summary>
    private static bool IsOptional(string layout) => layout.Contains('o') || layout.Contains('u');

    private static byte[] Mutate(byte[] body, Random random)
    {
        switch (random.Next(4))
        {
            case 0 when body.Length > 0:
                for (var i = random.Next(1, 4); i > 0; i--)
                    body[random.Next(body.Length)] = (byte)random.Next(256);
                return body;
            case 1:
                return body[..random.Next(body.Length + 1)];
            case 2:
                return [.. body, .. new byte[random.Next(1, 9)]];
            default:
                return body;
        }
    }
}
