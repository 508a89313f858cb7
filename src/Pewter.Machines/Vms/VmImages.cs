using System.Text.Json;
using Pewter.Linux.Machine;
using Pewter.Machines.Nodes;
using Pewter.Machines.Qemu;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Machines.Vms;

/// <summary>
/// Finds what a virtual machine is to start from: an image in <c>/image</c>, files that an administrator names, or the
/// built-in guest.
/// </summary>
internal sealed class VmImages(VmPlace place)
{
    /// <summary>The image when none is named.</summary>
    public const string DefaultImage = "guest";

    // What every guest's kernel is told: to speak on the serial line, to end when it cannot go on, to waste no time,
    // and to call its first card eth0.
    private const string Always =
        "console=ttyS0 panic=-1 reboot=t quiet loglevel=4 net.ifnames=0 random.trust_cpu=on cryptomgr.notests mitigations=off nokaslr";

    /// <summary>
    /// What a kernel is told. Under the translator it would measure the processor's clock against a timer chip, which
    /// now and then never ends on a busy machine: it is told the rate.
    /// </summary>
    public static string CommandLine(GuestImage image, Accelerator accelerator)
    {
        var clock = accelerator == Accelerator.Tcg && TimestampCounter.Kilohertz is { } rate
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $" tsc=reliable no_timer_check tsc_early_khz={rate}")
            : "";
        return $"{Always}{clock} {image.CommandLine}".TrimEnd();
    }

    /// <summary>Looks up the image of a wish and writes down what it leads to.</summary>
    /// <exception cref="FileException">ENOENT: there is no such image. EPERM: the caller may not name
    /// files.</exception>
    public async ValueTask<NodeSpec> ResolveAsync(NodeSpec spec, Caller caller, CancellationToken cancellation)
    {
        var options = new Dictionary<string, string>(spec.Options, StringComparer.Ordinal);
        if (options.TryGetValue("kernel", out var kernel))
        {
            DemandFiles(caller, kernel, options.GetValueOrDefault("initrd"));
            return spec;
        }

        if (options.ContainsKey("initrd"))
        {
            throw new FileException(Errno.EINVAL, "initrd goes with kernel.");
        }

        var image = await FindAsync(options.GetValueOrDefault("image", DefaultImage), caller, cancellation);
        options["image"] = image.Name;
        Put(options, "kernel", image.Kernel);
        Put(options, "initrd", image.Initramfs);
        var append = $"{image.CommandLine} {options.GetValueOrDefault("append")}".Trim();
        Put(options, "append", append.Length > 0 ? append : null);
        Put(options, "disk", image.HasDisk ? "on" : null);
        return spec with { Options = options };
    }

    private static void Put(Dictionary<string, string> options, string key, string? value)
    {
        if (value is not null)
        {
            options[key] = value;
        }
    }

    private static void DemandFiles(Caller caller, params ReadOnlySpan<string?> files)
    {
        // QEMU reads them as root does.
        if (!caller.IsAdmin)
        {
            throw new FileException(Errno.EPERM, "Only an administrator may name the files of a kernel; name an image.");
        }

        foreach (var file in files)
        {
            if (file is not null && (!file.StartsWith('/') || !File.Exists(file)))
            {
                throw new FileException(Errno.ENOENT, $"kernel and initrd are paths of files that are there, not '{file}'.");
            }
        }
    }

    private async ValueTask<GuestImage> FindAsync(string name, Caller caller, CancellationToken cancellation)
    {
        try
        {
            using var json = JsonDocument.Parse(await place.Context.Client(caller).ReadTextAsync($"/image/{name}/json", cancellation));
            return Read(name, json.RootElement);
        }
        catch (FileException missing) when (missing.Errno == Errno.ENOENT)
        {
            return name == DefaultImage && place.Options.BuiltInGuest is { } builtIn ? await builtIn(place.AgentPath, cancellation)
                : throw new FileException(Errno.ENOENT, $"There is no image '{name}'. 'pewter image list' shows those that are there.", missing);
        }
    }

    private static GuestImage Read(string name, JsonElement image)
    {
        string? Text(string key) => image.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return new GuestImage
        {
            Name = name,
            Kernel = Text("kernel"),
            Initramfs = Text("initrd"),
            CommandLine = Text("cmdline") ?? "",
            HasDisk = Text("type") == "disk",
        };
    }
}
