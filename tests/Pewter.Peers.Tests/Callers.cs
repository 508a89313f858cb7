using Pewter.NineP.Serving;

namespace Pewter.Peers.Tests;

/// <summary>The people of the tests, by the token that they show.</summary>
internal static class Callers
{
    public static readonly Caller Ann = new() { User = "ann", Groups = ["lab"] };
    public static readonly Caller Bob = new() { User = "bob", Groups = ["office"] };
    public static readonly Caller Reader = new() { User = "ann", Groups = ["lab"], MayWrite = false };
    public static readonly Caller FalseRoot = new() { User = "root", Groups = ["root"] };
    public static readonly Caller Joiner = new() { User = "joiner", Groups = ["peer"] };
    public static readonly Caller OnlyLeaf = new() { User = "leafer", Groups = ["peer:leaf"] };

    public static Caller? OfToken(string token) => token switch
    {
        "join" => Joiner,
        "leaf" => OnlyLeaf,
        "ann" => Ann,
        _ => null,
    };
}
