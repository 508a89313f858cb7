using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Pewter.Mail;

/// <summary>
/// A mailbox's random identity, given when it is opened and never given again: whoever has an old one is told <see
/// cref="RejectReason.NoPort"/> and never reaches
/// another mailbox. Written as three hexadecimal numbers, <c>5f3a9c:1c2d:9e</c>.
/// </summary>
/// <param name="Node">The node: a machine, a cell or a virtual machine; it stays over restarts of what serves
/// it.</param>
/// <param name="Office">The process on the node, in its present life.</param>
/// <param name="Port">The mailbox of the process.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct PortAddress(ulong Node, uint Office, uint Port)
{
    /// <summary>No mailbox.</summary>
    public bool IsNone => this == default;

    /// <summary>Whether two mailboxes are of one process.</summary>
    public bool IsSameOffice(PortAddress other) => Node == other.Node && Office == other.Office;

    /// <summary>Reads an address as it is written.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PortAddress address)
    {
        address = default;
        var parts = text?.Split(':');
        if (parts is not { Length: 3 } || !Hexadecimal(parts[0], out var node) || !Hexadecimal(parts[1], out var office)
            || !Hexadecimal(parts[2], out var port) || office > uint.MaxValue || port > uint.MaxValue)
        {
            return false;
        }

        address = new PortAddress(node, (uint)office, (uint)port);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Node:x}:{Office:x}:{Port:x}");

    private static bool Hexadecimal(string text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
}
