using System.Runtime.InteropServices;
using Pewter.NineP;
using Pewter.Sdk;

namespace Pewter.Native;

/// <summary><c>struct pewter_spec</c> of pewter.h, byte for byte.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeSpec
{
    private const uint Pack = 1;
    private const uint LeastLoaded = 2;
    private const uint BestEffort = 4;
    private const uint Terminal = 8;
    private const uint KeepOutput = 16;
    private const uint DealInput = 32;
    private const uint ExplicitEnd = 64;
    private const uint Persistent = 128;
    private const uint AllFlags = 255;

    public nuint Size;
    public byte** Arguments;
    public byte** Variables;
    public byte** Files;
    public byte* On;
    public byte* Directory;
    public byte* User;
    public byte* Job;
    public double Cpus;
    public long Memory;
    public int Processes;
    public int OpenFiles;
    public uint Flags;
    public uint Reserved;

    /// <summary>Reads a caller's struct, which may be older or newer than this one.</summary>
    /// <exception cref="FileException">E2BIG: it asks for what this library does not know.</exception>
    internal static NativeSpec Read(nint pointer)
    {
        if (pointer == 0 || *(nuint*)pointer < (nuint)(2 * sizeof(nuint)))
        {
            throw new FileException(Errno.EINVAL, "struct pewter_spec: set its size to sizeof(struct pewter_spec).");
        }

        var given = new ReadOnlySpan<byte>((void*)pointer, checked((int)*(nuint*)pointer));
        if (given.Length > sizeof(NativeSpec) && given[sizeof(NativeSpec)..].ContainsAnyExcept((byte)0))
        {
            throw new FileException(Errno.E2BIG, "struct pewter_spec has members that this libpewter does not know: install the one of that header.");
        }

        NativeSpec spec = default;
        given[..Math.Min(given.Length, sizeof(NativeSpec))].CopyTo(new Span<byte>(&spec, sizeof(NativeSpec)));
        return (spec.Flags & ~AllFlags) != 0 || spec.Reserved != 0
            ? throw new FileException(Errno.EINVAL, "struct pewter_spec has flags that this libpewter does not know.")
            : spec;
    }

    internal readonly SpawnGuarantee Guarantee => Has(BestEffort) ? SpawnGuarantee.BestEffort : SpawnGuarantee.AllOrNothing;

    /// <summary>What it means to the SDK.</summary>
    internal readonly SpawnSpec ToSpec()
    {
        var words = Texts(Arguments);
        if (words.Count == 0)
        {
            throw new FileException(Errno.EINVAL, "struct pewter_spec: argv names no program.");
        }

        return new SpawnSpec(words[0], words.Skip(1))
        {
            Environment = Pairs(Texts(Variables)),
            Files = Texts(Files),
            Query = Text(On),
            Directory = Text(Directory),
            User = Text(User),
            Job = Text(Job),
            Cpus = Cpus > 0 ? Cpus : null,
            MemoryBytes = Memory > 0 ? Memory : null,
            Processes = Processes > 0 ? Processes : null,
            OpenFiles = OpenFiles > 0 ? OpenFiles : null,
            Layout = Has(Pack) ? Layout.Pack : Has(LeastLoaded) ? Layout.LeastLoaded : Layout.Spread,
            Terminal = Has(Terminal),
            KeepOutput = Has(KeepOutput),
            Input = Has(DealInput) ? GroupInput.Deal : GroupInput.All,
            ExplicitEnd = Has(ExplicitEnd),
            IsPersistent = Has(Persistent),
        };
    }

    internal static string? Text(byte* text) => Marshal.PtrToStringUTF8((nint)text);

    private readonly bool Has(uint flag) => (Flags & flag) != 0;

    private static List<string> Texts(byte** texts)
    {
        var all = new List<string>();
        for (var i = 0; texts is not null && texts[i] is not null; i++)
        {
            all.Add(Text(texts[i])!);
        }

        return all;
    }

    private static Dictionary<string, string> Pairs(List<string> entries)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var equals = entry.IndexOf('=', StringComparison.Ordinal);
            pairs[equals > 0 ? entry[..equals] : throw new FileException(Errno.EINVAL, $"env: '{entry}' is not NAME=VALUE.")] = entry[(equals + 1)..];
        }

        return pairs;
    }
}
