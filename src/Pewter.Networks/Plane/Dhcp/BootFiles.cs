namespace Pewter.Networks.Plane.Dhcp;

/// <summary>The first program of a machine that boots from the network: iPXE, as Debian's package <c>ipxe</c> has it.</summary>
internal static class BootFiles
{
    /// <summary>For a BIOS; it uses the network card's own driver.</summary>
    public const string Bios = "undionly.kpxe";

    /// <summary>For UEFI; it uses the firmware's own driver.</summary>
    public const string Efi = "snponly.efi";

    private const string Package = "/usr/lib/ipxe";

    /// <summary>Those that are installed here, by name.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Installed() => new[] { Bios, Efi }
        .Select(name => KeyValuePair.Create("/" + name, $"{Package}/{name}"))
        .Where(file => File.Exists(file.Value));
}
