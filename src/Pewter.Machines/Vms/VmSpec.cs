using System.Globalization;
using Pewter.Machines.Nodes;
using Pewter.NineP;

namespace Pewter.Machines.Vms;

/// <summary>What was asked for of a virtual machine, read from a <see cref="NodeSpec"/>. Immutable.</summary>
internal sealed record VmSpec
{
    /// <summary>Options on <c>alloc</c>, as a signature declares them.</summary>
    public const string Options =
        "[image=word] [net=word] [machine=word] [pin=word] [numa=int] [queues=int] [gdb=on|off] [kernel=word] [initrd=word] "
        + "[append=word] [agent=on|off] [boot=disk|net|kernel] [user-data=word]";

    /// <summary>The options' names.</summary>
    public static readonly IReadOnlyList<string> Names =
        [.. Options.Split(' ').Select(item => item.Trim('[', ']').Split('=')[0])];

    /// <summary>96 MiB is the least that a Debian kernel boots in; 128 leave room for programs.</summary>
    public const long DefaultMemory = 128L << 20;

    private const long LeastMemory = 96L << 20;
    private const int MostCpus = 256;
    private const int MostNics = 8;

    // It stands in the journal with the machine; what is longer is fetched by what it says.
    private const int MostUserData = 16 << 10;

    /// <summary>Bytes of memory.</summary>
    public required long Memory { get; init; }

    /// <summary>Virtual CPUs.</summary>
    public required int Cpus { get; init; }

    /// <summary>QEMU's machine type.</summary>
    public required string Machine { get; init; }

    /// <summary>
    /// Names or ids of networks, one a card; a card of its own that no cable is in when there is none.
    /// </summary>
    public required IReadOnlyList<string> Networks { get; init; }

    /// <summary>Host CPUs that it runs on; empty: all.</summary>
    public required IReadOnlyList<int> Pins { get; init; }

    /// <summary>NUMA nodes that it sees.</summary>
    public required int NumaNodes { get; init; }

    /// <summary>Queues of each network card.</summary>
    public required int Queues { get; init; }

    /// <summary>Whether gdb can be attached.</summary>
    public required bool HasGdb { get; init; }

    /// <summary>Whether an agent will answer.</summary>
    public required bool HasAgent { get; init; }

    /// <summary>What cloud-init in it is to do; null: nobody asks.</summary>
    public string? UserData { get; init; }

    /// <summary>What it starts from.</summary>
    public required GuestImage Image { get; init; }

    /// <summary>
    /// <c>kernel</c>: that of its image, directly; <c>disk</c> or <c>net</c>: what the firmware finds there.
    /// </summary>
    public required string Boot { get; init; }

    /// <summary>The kernel of a direct boot; null when the firmware boots.</summary>
    public string? Kernel => Boot == "kernel" ? Image.Kernel : null;

    /// <summary>Network cards; there is always one, so that any fork can be put on a network.</summary>
    public int Nics => Math.Max(1, Networks.Count);

    /// <summary>Reads a spec that <see cref="Check"/> let pass.</summary>
    public static VmSpec Of(NodeSpec spec)
    {
        var options = spec.Options;
        return new VmSpec
        {
            Memory = spec.MemoryBytes ?? DefaultMemory,
            Cpus = (int)(spec.Cpus ?? 1),
            Machine = options.GetValueOrDefault("machine") ?? (BootOf(options) == "kernel" && !options.ContainsKey("user-data") ? "microvm" : "q35"),
            Networks = options.TryGetValue("net", out var nets) ? nets.Split(',') : [],
            Pins = options.TryGetValue("pin", out var pins) ? ParseCpus(pins)! : [],
            NumaNodes = Number(options, "numa", 1),
            Queues = Number(options, "queues", 1),
            HasGdb = options.GetValueOrDefault("gdb") == "on",
            HasAgent = options.GetValueOrDefault("agent") != "off",
            Boot = BootOf(options),
            UserData = options.GetValueOrDefault("user-data"),
            Image = new GuestImage
            {
                Name = options.GetValueOrDefault("image", ""),
                Kernel = options.GetValueOrDefault("kernel"),
                Initramfs = options.GetValueOrDefault("initrd"),
                CommandLine = options.GetValueOrDefault("append", ""),
                HasDisk = options.GetValueOrDefault("disk") == "on",
            },
        };
    }

    /// <summary>Checks what needs no looking up, and fills in the defaults.</summary>
    /// <exception cref="FileException">EINVAL.</exception>
    public static NodeSpec Check(NodeSpec spec)
    {
        var options = spec.Options;
        foreach (var (key, _) in options)
        {
            Demand(Names.Contains(key), $"it has no {key}");
        }

        Demand(spec.Root is null && spec.Processes is null, "root and pids are for cells");
        Demand(spec.Cpus is null || (spec.Cpus >= 1 && spec.Cpus <= MostCpus && spec.Cpus % 1 == 0), $"cpu is a whole number from 1 to {MostCpus}");
        Demand(spec.MemoryBytes is null or >= LeastMemory, $"its kernel needs {LeastMemory >> 20}Mi of memory at least");
        Demand((spec.MemoryBytes ?? 0) % (1 << 20) == 0, "its memory is a whole number of Mi");
        var cpus = (int)(spec.Cpus ?? 1);
        Demand(
            !options.TryGetValue("pin", out var pins) || ParseCpus(pins) is not null,
            $"pin is a list of this machine's CPUs such as 0-1,3, not '{pins}'");
        Demand(Number(options, "numa", 1) is var numa && numa >= 1 && numa <= cpus, $"numa is from 1 to the number of its CPUs, {cpus}");
        Demand(options.GetValueOrDefault("machine", "q35") is "microvm" or "q35" or "pc", "machine is microvm, q35 or pc");
        Demand(
            !options.TryGetValue("user-data", out var user) || (options.ContainsKey("net") && user.Length <= MostUserData),
            $"user-data is read over a network, so it needs net=, and has {MostUserData} bytes at most");
        Demand(Number(options, "queues", 1) is >= 1 and <= 8, "queues is from 1 to 8");
        Demand(!options.TryGetValue("net", out var nets) || nets.Split(',').Length <= MostNics, $"it has {MostNics} network cards at most");
        return spec with { MemoryBytes = spec.MemoryBytes ?? DefaultMemory, Cpus = cpus };
    }

    /// <summary>Checks that a machine can start from a device.</summary>
    /// <exception cref="FileException">EINVAL.</exception>
    public static void DemandBootDevice(NodeSpec spec, string device)
    {
        var options = spec.Options;
        Demand(device != "kernel" || options.ContainsKey("kernel"), "its image has no kernel to start from");
        Demand(device != "disk" || options.ContainsKey("disk"), "its image has no disk to start from");
        Demand(device != "net" || options.ContainsKey("net"), "it is on no network to start from");
    }

    private static void Demand(bool condition, string sentence)
    {
        if (!condition)
        {
            throw new FileException(Errno.EINVAL, $"No such virtual machine: {sentence}.");
        }
    }

    // A microvm has no firmware that looks for anything to start, or tells a guest anything.
    private static string BootOf(IReadOnlyDictionary<string, string> options) => options.GetValueOrDefault("boot")
        ?? (options.ContainsKey("kernel") ? "kernel" : options.ContainsKey("disk") ? "disk" : "net");

    private static int Number(IReadOnlyDictionary<string, string> options, string key, int otherwise) =>
        options.TryGetValue(key, out var text) ? int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0 : otherwise;

    /// <summary>Reads a list as taskset(1) takes it; null when it is none, or names a CPU that is not there.</summary>
    internal static IReadOnlyList<int>? ParseCpus(string text)
    {
        var cpus = new SortedSet<int>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-', 2);
            if (!int.TryParse(ends[0], CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(ends[^1], CultureInfo.InvariantCulture, out var last)
                || first < 0 || last < first || last >= Environment.ProcessorCount)
            {
                return null;
            }

            cpus.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return [.. cpus];
    }
}
