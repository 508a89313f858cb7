using System.Text;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Client;

/// <summary>Puts names in the form of a Twalk.</summary>
internal static class NameEncoding
{
    public static NameList Encode(string[] names)
    {
        var encoded = new byte[names.Sum(name => 2 + Encoding.UTF8.GetByteCount(name))];
        var writer = new MessageWriter(encoded, Dialect.None);
        foreach (var name in names)
        {
            if (Encoding.UTF8.GetByteCount(name) > ushort.MaxValue)
                throw new FileException(Errno.ENAMETOOLONG, "The name is too long.");
            writer.WriteText(Encoding.UTF8.GetBytes(name));
        }

        return new NameList(names.Length, encoded);
    }
}
