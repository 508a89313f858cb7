using System.Text;

namespace Pewter.NineP.Server;

/// <summary>
/// Strings of the names that came lately, so that walking the same paths again makes no garbage. A direct-mapped table of fixed size: a
/// collision costs one allocation, a flood of names costs no more memory. Used by the receive loop only.
/// </summary>
internal sealed class NameCache
{
    private const int Slots = 512;
    private const int LongestKept = 64;

    private readonly (byte[] Utf8, string Name)[] _slots = new (byte[], string)[Slots];

    /// <summary>Gives the string of a name that <see cref="NameRule"/> found to be UTF-8.</summary>
    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LongestKept)
            return Encoding.UTF8.GetString(utf8);
        ref var slot = ref _slots[Hash(utf8) % Slots];
        if (slot.Utf8 is null || !utf8.SequenceEqual(slot.Utf8))
            slot = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        return slot.Name;
    }

    /// <summary>FNV-1a: short names, and whoever makes them collide slows only himself.</summary>
    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261;
        foreach (var b in bytes)
            hash = (hash ^ b) * 16777619;
        return hash ^ (hash >> 15);
    }
}
