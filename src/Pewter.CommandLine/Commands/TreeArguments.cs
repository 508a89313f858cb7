using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary>Arguments that several commands share.</summary>
internal static class TreeArguments
{
    public static Argument<string[]> Paths(string description, bool required = false) => new("PATH")
    {
        Description = description, Arity = required ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore,
    };

    public static Argument<string> Path(string description) => new("PATH") { Description = description };

    public static Option<bool> DryRun() => new("--dry-run") { Description = "Say what would be done, and do nothing" };
}
