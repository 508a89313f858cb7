using System.CommandLine;

namespace Pewter.CommandLine;

/// <summary>The flags that every command takes, before or after its name.</summary>
internal static class GlobalOptions
{
    public static readonly Option<string?> Output = new("--output", "-o")
    {
        Description = "How to print: table, json, yaml or name", HelpName = "FORMAT", Recursive = true,
        CompletionSources = { "table", "json", "yaml", "name" },
    };

    public static readonly Option<string?> Url = new("--url")
    {
        Description = "The daemon: unix:PATH, tcp://HOST:PORT or tls://HOST:PORT", HelpName = "URL", Recursive = true,
    };

    public static readonly Option<string?> Socket = new("--socket")
    {
        Description = "The daemon's Unix socket", HelpName = "PATH", Recursive = true,
    };

    public static readonly Option<string?> State = new("--state")
    {
        Description = "The state directory of the daemon", HelpName = "DIR", Recursive = true,
    };

    public static readonly Option<string?> Timeout = new("--timeout")
    {
        Description = "Give up after this long (30s, 5m) with code 124", HelpName = "TIME", Recursive = true,
    };

    public static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = "No messages but errors", Recursive = true };

    public static IEnumerable<Option> All => [Output, Url, Socket, State, Timeout, Quiet];
}
