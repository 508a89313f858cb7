using System.CommandLine;
using System.Globalization;
using Pewter.Configuration;

namespace Pewter.CommandLine.Commands;

/// <summary>What tokens and certificates are made for: the options of both.</summary>
internal sealed class AccessOptions
{
    private readonly Option<string?> _lifetime = new("--ttl") { Description = "How long it is good: 12h, 30d", HelpName = "TIME" };
    private readonly Option<string[]> _groups = new("--group")
    {
        Description = "A group (tenant) that the user belongs to; may be given often", HelpName = "NAME",
    };
    private readonly Option<bool> _admin = new("--admin") { Description = "May do everything" };
    private readonly Option<bool> _readOnly = new("--read-only") { Description = "May change nothing" };

    public Argument<string> User { get; } = new("USER") { Description = "Whose rights its bearer has" };

    public void AddTo(Command command)
    {
        command.Add(User);
        foreach (var option in (Option[])[_lifetime, _groups, _admin, _readOnly])
        {
            command.Add(option);
        }
    }

    /// <summary>The words of the ctl's command.</summary>
    public IEnumerable<string> Words(CommandContext context, string verb)
    {
        yield return verb;
        yield return context.Value(User)!;
        if (context.Value(_lifetime) is { } text)
        {
            yield return Duration.TryParse(text, out var lifetime)
                ? string.Create(CultureInfo.InvariantCulture, $"ttl={lifetime.TotalSeconds:0}s")
                : throw new CommandException($"--ttl takes a length of time such as 12h or 30d, not '{text}'.", ExitCode.Usage);
        }

        if (context.Value(_groups) is { Length: > 0 } groups)
        {
            yield return $"group={string.Join(',', groups)}";
        }

        if (context.Value(_admin))
        {
            yield return "admin=on";
        }

        if (context.Value(_readOnly))
        {
            yield return "readonly=on";
        }
    }
}
