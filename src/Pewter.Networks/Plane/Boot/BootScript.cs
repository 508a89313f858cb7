using System.Globalization;
using System.Text;

namespace Pewter.Networks.Plane.Boot;

/// <summary>Writes what a machine boots as a script for iPXE (ipxe.org/scripting).</summary>
internal static class BootScript
{
    /// <summary>The script.</summary>
    /// <param name="target">What is booted.</param>
    /// <param name="network">The network that it is booted from.</param>
    /// <param name="mac">The machine's hardware address.</param>
    /// <param name="host">The machine, if it is a member.</param>
    public static string Render(BootTarget target, NetworkRecord network, string mac, SegmentHost? host)
    {
        if (target.Script is { } own)
        {
            return Fill(own, network, mac, host);
        }

        if (target.IsLocal)
        {
            return "#!ipxe\nsanboot --no-describe --drive 0x80 || exit\n";
        }

        var text = new StringBuilder("#!ipxe\n");
        if (target.Words.TryGetValue("iscsi", out var name))
        {
            var portal = target.Words.GetValueOrDefault("portal", network.Gateway);
            var initiator = target.Words.GetValueOrDefault("initiator", $"iqn.2026-01.pewter:{mac.Replace(":", "", StringComparison.Ordinal)}");
            var lun = target.Words.GetValueOrDefault("lun", "1");
            text.Append(CultureInfo.InvariantCulture, $"set initiator-iqn {Fill(initiator, network, mac, host)}\n");
            if (target.HasSecret)
            {
                text.Append(CultureInfo.InvariantCulture, $"set username {target.Words["user"]}\nset password {target.Words["secret"]}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"sanboot iscsi:{portal}:::{lun}:{name}\n");
        }
        else if (target.Words.TryGetValue("url", out var url))
        {
            text.Append(CultureInfo.InvariantCulture, $"chain {Fill(url, network, mac, host)}\n");
        }
        else
        {
            var line = Fill(target.Words.GetValueOrDefault("cmdline", ""), network, mac, host);
            var hasInitrd = target.Words.ContainsKey("initrd");
            text.Append(CultureInfo.InvariantCulture, $"kernel {Url("kernel")} {(hasInitrd ? "initrd=initrd " : "")}{line}\n");
            text.Append(hasInitrd ? $"initrd --name initrd {Url("initrd")}\n" : "").Append("boot\n");
        }

        return text.ToString();

        string Url(string key) => target.Words[key] is var file && file.StartsWith('/') ? $"http://{network.Gateway}/file/{mac}/{key}" : file;
    }

    private static string DottedMask(NetworkRecord network) => Addresses.Subnet.Address(network.Subnet.Mask).ToString();

    /// <summary>Puts in what is known here; what is written <c>${…}</c> is iPXE's own.</summary>
    private static string Fill(string text, NetworkRecord network, string mac, SegmentHost? host) => text
        .Replace("{{mac}}", mac, StringComparison.Ordinal)
        .Replace("{{gateway}}", network.Gateway, StringComparison.Ordinal)
        .Replace("{{netmask}}", DottedMask(network), StringComparison.Ordinal)
        .Replace("{{domain}}", network.Domain, StringComparison.Ordinal)
        .Replace("{{address}}", host?.Address ?? "", StringComparison.Ordinal)
        .Replace("{{name}}", host?.Names[^1] ?? "", StringComparison.Ordinal);
}
