using System.Net;
using System.Numerics;
using Pewter.Linux.Sockets;

namespace Pewter.Apps.Node.Boot;

/// <summary>
/// The network card that a machine was booted by, set up as the kernel's <c>ip=ADDRESS::GATEWAY:MASK:NAME:DEVICE:off:DNS</c> says (kernel
/// documentation, nfsroot), which small kernels leave to the initramfs. <c>BOOTIF=01-MAC</c> names the card where there are several.
/// </summary>
internal static class BootCard
{
    private const string Cards = "/sys/class/net";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Sets it up; nothing happens when the command line says nothing of it.</summary>
    internal static async Task SetUpAsync(KernelWords words, TimeProvider time)
    {
        if (words["ip"]?.Split(':') is not [{ Length: > 0 } address, _, var gateway, var mask, _, var device, ..] fields)
        {
            return;
        }

        var hardware = words["BOOTIF"] is { Length: > 3 } bootInterface ? bootInterface[3..].Replace('-', ':') : null;
        var name = await FindAsync(device, hardware?.ToLowerInvariant(), time);
        NetworkInterface.SetAddress(name, IPAddress.Parse(address).GetAddressBytes(), PrefixOf(mask));
        NetworkInterface.BringUp(name);
        if (gateway.Length > 0)
        {
            NetworkInterface.SetGateway(IPAddress.Parse(gateway).GetAddressBytes());
        }

        if (fields is [_, _, _, _, _, _, _, { Length: > 0 } dns, ..])
        {
            Directory.CreateDirectory("/etc");
            await File.WriteAllTextAsync("/etc/resolv.conf", $"nameserver {dns}\n");
        }
    }

    /// <summary>The hardware addresses of the machine's cards, those with a cable first.</summary>
    internal static IEnumerable<string> HardwareAddresses() => !Directory.Exists(Cards) ? [] : Directory.EnumerateDirectories(Cards)
        .Where(card => Path.GetFileName(card) != "lo" && File.Exists(card + "/address"))
        .Select(card => File.ReadAllText(card + "/address").Trim())
        .Where(mac => mac.Length == 17);

    private static async Task<string> FindAsync(string device, string? hardware, TimeProvider time)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            // Drivers look for their cards while this runs.
            foreach (var card in Directory.Exists(Cards) ? Directory.EnumerateDirectories(Cards).Select(Path.GetFileName) : [])
            {
                if (hardware is null ? card == device : card != "lo" && (await File.ReadAllTextAsync($"{Cards}/{card}/address")).Trim() == hardware)
                {
                    return card!;
                }
            }

            if (time.GetElapsedTime(began) > Patience)
            {
                throw new IOException($"there is no network card {hardware ?? device}; its driver may be missing from the image");
            }

            await Task.Delay(Look, time);
        }
    }

    private static int PrefixOf(string mask) => BitOperations.PopCount(BitConverter.ToUInt32(IPAddress.Parse(mask).GetAddressBytes()));
}
