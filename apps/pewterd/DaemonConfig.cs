using Pewter.Configuration;

namespace Pewter.Daemon;

/// <summary>
/// The flags of <c>pewterd</c> as they were written. It has few: people use <c>pewter up</c>, service managers the configuration file.
/// </summary>
internal sealed record DaemonConfig(bool IsClean, bool IsDryRun, bool IsHelp, SettingsLoader Loader, PewterPaths Paths)
{
    public const string Help = """
        usage: pewterd [--state DIR] [--socket PATH] [--listen URL]… [--http URL]… [--join URL] [--name N] [--log-level LEVEL] [--log-file FILE]
               pewterd clean [--state DIR] [--dry-run] [--output table|json|yaml|name]

        The control plane of one machine. It reads /etc/pewter/pewter.yaml and conf.d, the user's pewter.yaml, and variables PEWTER_*;
        flags win over all of them. SIGTERM stops it; what runs on the machine goes on.

        """;

    private static readonly Dictionary<string, string> KeyOf = new(StringComparer.Ordinal)
    {
        ["--state"] = "state",
        ["--socket"] = "socket",
        ["--listen"] = "listen",
        ["--http"] = "http",
        ["--join"] = "join",
        ["--name"] = "name",
        ["--output"] = "output",
        ["--log-level"] = "log.level",
        ["--log-file"] = "log.file",
    };

    /// <summary>Reads the flags over the other sources.</summary>
    /// <exception cref="ArgumentException">A flag is unknown or lacks its value; the message says which.</exception>
    public static DaemonConfig Read(IReadOnlyList<string> arguments)
    {
        var paths = PewterPaths.For(Environment.GetEnvironmentVariable, Environment.IsPrivilegedProcess);
        var values = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var words = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] is "clean" or "--dry-run" or "--help")
            {
                words.Add(arguments[i]);
                continue;
            }

            var parts = arguments[i].Split('=', 2);
            if (!KeyOf.ContainsKey(parts[0]))
            {
                throw new ArgumentException($"there is no option '{parts[0]}'.{Suggestion.Sentence(parts[0], KeyOf.Keys)} See 'pewterd --help'.");
            }

            var value = parts.Length == 2 ? parts[1] : ++i < arguments.Count ? arguments[i]
                : throw new ArgumentException($"{parts[0]} needs a value.");
            (values.TryGetValue(parts[0], out var list) ? list : values[parts[0]] = []).Add(value);
        }

        var loader = PewterSettings.Loader(paths, Environment.GetEnvironmentVariable);
        foreach (var (flag, list) in values)
        {
            _ = KeyOf[flag] is "listen" or "http" ? loader.AddFlag(flag, KeyOf[flag], list) : loader.AddFlag(flag, KeyOf[flag], list[^1]);
        }

        return new DaemonConfig(words.Contains("clean"), words.Contains("--dry-run"), words.Contains("--help"), loader, paths);
    }
}
