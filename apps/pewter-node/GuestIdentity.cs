using System.Globalization;
using System.Net;
using Pewter.Linux;
using Pewter.Linux.Machine;
using Pewter.Linux.Mounts;
using Pewter.Linux.Namespaces;
using Pewter.Linux.Sockets;
using Pewter.Node;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Apps.Node;

/// <summary>
/// Who a guest is, as its host tells it: after a boot, and after a fork, when it still believes to be the machine that
/// it is a copy of. The host writes these commands to <c>ctl</c> before anybody else may speak to the agent.
/// </summary>
internal static class GuestIdentity
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";
    private const string OwnBootIdFile = "/run/pewter/boot_id";
    private const int SeedBytes = 32;

    internal static void AddCommands(CommandSet<NodeTree> commands) => commands
        .Add(
            "identify <name> <machine> <seed> <time>",
            "Names the machine, makes its random numbers its own and sets its clock, in nanoseconds since 1970.",
            (_, call) => Do(call, Identify))
        .Add(
            "nic <name> [mac=word] [address=word] [gateway=word] [dns=word]",
            "Gives a network card its addresses, and takes those away that it had.",
            (_, call) => Do(call, SetCard));

    private static void Do(CommandCall call, Action<CommandCall> act)
    {
        if (!call.Caller.IsAdmin)
        {
            throw new FileException(Errno.EPERM, $"Only an administrator may {call.Name} a machine.");
        }

        try
        {
            act(call);
        }
        catch (LinuxException failure)
        {
            throw new FileException((Errno)failure.Errno, failure.Message, failure);
        }
        catch (Exception failure) when (failure is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new FileException(Errno.EINVAL, failure.Message, failure);
        }
    }

    private static void Identify(CommandCall call)
    {
        var (name, machine, seed) = (call.Word("name"), Convert.FromHexString(call.Word("machine")), Convert.FromHexString(call.Word("seed")));
        if (machine.Length != 16 || seed.Length < SeedBytes)
        {
            throw new FileException(Errno.EINVAL, $"machine is 32 hexadecimal digits, seed {SeedBytes * 2} or more.");
        }

        EntropyPool.Stir(seed);
        var nanoseconds = long.Parse(call.Word("time"), CultureInfo.InvariantCulture);
        SystemClock.Set(DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick));
        HostName.Set(name);
        Directory.CreateDirectory("/etc");
        File.WriteAllText("/etc/hostname", name + "\n");
        File.WriteAllText("/etc/machine-id", Convert.ToHexStringLower(machine) + "\n");
        ReplaceBootId();
    }

    // The kernel keeps the number of the boot that a fork is a copy of; programs that ask for it see another.
    private static void ReplaceBootId()
    {
        Directory.CreateDirectory("/run/pewter");
        File.WriteAllText(OwnBootIdFile + ".new", Guid.NewGuid().ToString("D") + "\n");
        File.Move(OwnBootIdFile + ".new", OwnBootIdFile, overwrite: true);
        if (File.ReadLines("/proc/self/mounts").Any(line => line.Split(' ')[1] == BootIdFile))
        {
            KernelMounts.Unmount(BootIdFile, detach: true);
        }

        KernelMounts.Mount(OwnBootIdFile, BootIdFile, null, MountFlags.Bind);
    }

    private static void SetCard(CommandCall call)
    {
        var name = call.Word("name");
        if (HasAlready(name, call))
        {
            // A machine whose root comes by this card must not lose it, not even for a moment.
            return;
        }

        // Addresses, routes and what was sent from them go with it.
        NetworkInterface.TakeDown(name);
        if (call.Word("mac", null) is { } mac)
        {
            NetworkInterface.SetHardwareAddress(name, Convert.FromHexString(mac.Replace(":", "", StringComparison.Ordinal)));
        }

        if (call.Word("address", null) is { } address)
        {
            var network = IPNetworkAddress.Parse(address);
            NetworkInterface.SetAddress(name, network.Address.GetAddressBytes(), network.Prefix);
        }

        NetworkInterface.BringUp(name);
        if (call.Word("gateway", null) is { } gateway)
        {
            NetworkInterface.SetGateway(IPAddress.Parse(gateway).GetAddressBytes());
        }

        if (call.Word("dns", null) is { } dns)
        {
            File.WriteAllText("/etc/resolv.conf", string.Concat(dns.Split(',').Select(server => $"nameserver {server}\n")));
        }
    }

    private static bool HasAlready(string name, CommandCall call)
    {
        var file = $"/sys/class/net/{name}/address";
        return call.Word("address", null) is { } address && File.Exists(file)
            && (call.Word("mac", null) is not { } mac || File.ReadAllText(file).Trim() == mac)
            && NetworkInterface.Address(name) is { } own && own.AsSpan().SequenceEqual(IPNetworkAddress.Parse(address).Address.GetAddressBytes());
    }

    private readonly record struct IPNetworkAddress(IPAddress Address, int Prefix)
    {
        public static IPNetworkAddress Parse(string text) => text.Split('/') is [var address, var prefix]
            && IPAddress.TryParse(address, out var parsed)
            && int.TryParse(prefix, CultureInfo.InvariantCulture, out var bits) && bits is >= 0 and <= 32
            ? new(parsed, bits) : throw new FormatException($"'{text}' is no address with its network, such as 10.42.0.7/24.");
    }
}
