using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.CommandLine.Trees;

/// <summary>A page of names that is filled by one read of a directory.</summary>
internal sealed class NamePage : DirectoryPage
{
    /// <summary>Enough that a listing of 10,000 entries is a few reads.</summary>
    private const int NamesMax = 4096;

    public List<TreeName> Names { get; } = [];

    public ulong LastCookie { get; private set; }

    public override bool TryAdd(Qid qid, ulong cookie, string name)
    {
        if (Names.Count == NamesMax)
        {
            return false;
        }

        Names.Add(new TreeName(name, qid.Type));
        LastCookie = cookie;
        return true;
    }
}
