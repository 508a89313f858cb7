using System.CommandLine;
using Pewter.CommandLine.Commands;

namespace Pewter.CommandLine.Storage;

/// <summary>
/// A command that is one line to the ctl of an image or disk: <c>pewter disk resize DISK SIZE</c> writes <c>resize SIZE</c>. Which words it
/// takes is told
/// at its construction.
/// </summary>
internal sealed class StoredLineCommand : NodeControlCommand
{
    private readonly StoredObject _kind;
    private readonly string _verb;
    private readonly Argument<string[]>? _objects;
    private readonly Argument<string>? _object;
    private readonly List<Argument<string?>> _words = [];
    private readonly Option<bool>? _force;

    private StoredLineCommand(CommandHost host, StoredObject kind, string name, string verb, string description, bool many, bool canForce)
        : base(host, name, description)
    {
        (_kind, _verb) = (kind, verb);
        if (many)
        {
            Add(_objects = kind.Some());
        }
        else
        {
            Add(_object = kind.One());
        }

        if (canForce)
        {
            Add(_force = new Option<bool>("--force", "-f") { Description = "End the sessions of its clients" });
        }
    }

    /// <summary>A command on one thing, with words after it; a word in square brackets may be left out.</summary>
    public static StoredLineCommand One(
        CommandHost host, StoredObject kind, string name, string description, params ReadOnlySpan<(string Name, string Description)> words)
    {
        var command = new StoredLineCommand(host, kind, name, name, description, many: false, canForce: false);
        foreach (var (word, about) in words)
        {
            var isOptional = word.StartsWith('[');
            var argument = new Argument<string?>(word.Trim('[', ']'))
            {
                Description = about, Arity = isOptional ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
            };
            command._words.Add(argument);
            command.Add(argument);
        }

        return command;
    }

    /// <summary>A command on many things at once.</summary>
    public static StoredLineCommand Many(
        CommandHost host, StoredObject kind, string name, string verb, string description, bool canForce = false) =>
        new(host, kind, name, verb, description, many: true, canForce);

    protected override (IReadOnlyList<string> Directories, IReadOnlyList<string> Words) Line(CommandContext context)
    {
        IReadOnlyList<string> objects = _objects is null ? [context.Value(_object!)!] : context.Value(_objects) ?? [];
        List<string> words = [_verb, .. _words.Select(context.Value).OfType<string>()];
        if (_force is not null && context.Value(_force))
        {
            words.Add("force");
        }

        return ([.. objects.Select(_kind.Path)], words);
    }
}
