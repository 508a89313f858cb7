using System.Globalization;
using Pewter.NineP;

namespace Pewter.Networks.Switches;

/// <summary>The VLANs that a switch gives to networks, such as <c>100-199,300</c>. Immutable.</summary>
internal sealed class VlanPool
{
    // IEEE 802.1Q keeps 0 and 4095.
    private const int Last = 4094;

    private readonly SortedSet<int> _vlans;

    private VlanPool(SortedSet<int> vlans) => _vlans = vlans;

    public int Count => _vlans.Count;

    /// <summary>Reads a list of numbers and ranges.</summary>
    /// <exception cref="FileException">EINVAL: it is none.</exception>
    public static VlanPool Parse(string text)
    {
        var vlans = new SortedSet<int>();
        foreach (var item in text.Split(','))
        {
            var ends = item.Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out var first) || !TryNumber(ends[^1], out var last) || first > last)
            {
                throw new FileException(Errno.EINVAL, $"VLANs are numbers from 1 to {Last} such as 100-199,300, not '{text}'.");
            }

            vlans.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return new VlanPool(vlans);
    }

    /// <summary>The first VLAN that is not taken; null when all are.</summary>
    public int? Free(IReadOnlySet<int> taken)
    {
        foreach (var vlan in _vlans)
        {
            if (!taken.Contains(vlan))
            {
                return vlan;
            }
        }

        return null;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is >= 1 and <= Last;
}
