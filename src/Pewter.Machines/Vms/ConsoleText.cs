using System.Text;

namespace Pewter.Machines.Vms;

/// <summary>Reads the serial line of a machine that boots: how far it is, and what it died of. Pure.</summary>
internal static class ConsoleText
{
    // Words by which each phase of a boot gives itself away on the serial line, in the order of a boot.
    private static readonly (string Phase, string[] Signs)[] Phases =
    [
        ("firmware", ["SeaBIOS", "BdsDxe", "UEFI", "iPXE initialising", "iPXE (http"]),
        ("DHCP", ["Configuring (net", "Start PXE over", "DHCP"]),
        ("loader", ["SYSLINUX", "EXTLINUX", "GRUB", "http://", "Registered SAN device", "Loading ", "tftp://"]),
        ("kernel", ["Linux version", "Decompressing Linux", "[    0.0"]),
        ("agent", ["pewter-node:"]),
    ];

    private const string Panic = "Kernel panic - not syncing: ";

    /// <summary>The last phase that the text shows at or after one; that one when it shows none.</summary>
    public static string Phase(string text, string from)
    {
        var first = Array.FindIndex(Phases, phase => phase.Phase == from);
        for (var i = Phases.Length - 1; i > first; i--)
        {
            if (Phases[i].Signs.Any(sign => text.Contains(sign, StringComparison.Ordinal)))
            {
                return Phases[i].Phase;
            }
        }

        return from;
    }

    /// <summary>Why a machine ended or is stuck, as far as its console tells; null when it does not.</summary>
    public static string? Cause(string text)
    {
        foreach (var line in text.Split('\n').Reverse())
        {
            if (line.IndexOf(Panic, StringComparison.Ordinal) is >= 0 and var at)
            {
                return $"kernel panicked: {line[(at + Panic.Length)..].TrimEnd()}";
            }

            if (line.Contains("No bootable device", StringComparison.Ordinal))
            {
                return "the firmware found nothing to boot from";
            }

            if (line.Contains("No configuration methods succeeded", StringComparison.Ordinal))
            {
                return "no DHCP offer";
            }

            if (line.Contains("reboot: Power down", StringComparison.Ordinal) || line.Contains("reboot: Restarting", StringComparison.Ordinal))
            {
                return "the guest turned itself off";
            }
        }

        return null;
    }

    /// <summary>The last line that says something.</summary>
    public static string? LastLine(string text) => text.Split('\n').Select(line => line.Trim()).LastOrDefault(line => line.Length > 0);

    /// <summary>The end of a console's log.</summary>
    public static string Tail(string path, int bytes = 16 << 10)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(-Math.Min(bytes, file.Length), SeekOrigin.End);
            var buffer = new byte[bytes];
            var count = file.ReadAtLeast(buffer, bytes, throwOnEndOfStream: false);
            return Encoding.UTF8.GetString(buffer, 0, count);
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }
}
