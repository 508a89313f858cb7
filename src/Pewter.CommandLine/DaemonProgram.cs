using Pewter.Configuration;

namespace Pewter.CommandLine;

/// <summary>Where <c>pewterd</c> lies: what <c>PEWTERD</c> names, beside this program, or on the path.</summary>
internal static class DaemonProgram
{
    public static string Find(CommandHost host)
    {
        var beside = AppContext.BaseDirectory;
        string?[] places = [host.Variable("PEWTERD"), Path.Combine(beside, "pewterd"), Path.Combine(beside, "..", "pewterd", "pewterd")];
        var onPath = (host.Variable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, "pewterd"));
        return places.OfType<string>().Concat(onPath).FirstOrDefault(File.Exists)
            ?? throw new CommandException("pewterd is not installed: it is neither beside pewter nor on the PATH. Set PEWTERD to where it is.");
    }

    /// <summary>The flags that hand the settings of this command line on.</summary>
    public static IReadOnlyList<string> Arguments(PewterPaths paths, Settings settings)
    {
        List<string> arguments = ["--state", paths.State];
        foreach (var (flag, key) in (ReadOnlySpan<(string, string)>)[("--join", "join"), ("--name", "name"), ("--socket", "socket")])
        {
            if (settings.LocationOf(key)?.Source.StartsWith('-') == true)
            {
                arguments.AddRange([flag, settings.Text(key)!]);
            }
        }

        foreach (var (flag, key) in (ReadOnlySpan<(string, string)>)[("--listen", "listen"), ("--http", "http")])
        {
            if (settings.LocationOf(key)?.Source.StartsWith('-') == true)
            {
                arguments.AddRange(settings.List(key).SelectMany(address => (string[])[flag, address]));
            }
        }

        return arguments;
    }
}
