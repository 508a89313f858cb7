using Pewter.NineP;

namespace Pewter.Tree;

/// <summary>A command's name and parameters, read from the line that is also its help.</summary>
internal sealed class CommandSignature
{
    private readonly List<CommandParameter> _positional = [];
    private readonly List<CommandParameter> _options = [];

    /// <summary>Reads a signature such as <c>signal &lt;name&gt; [grace=duration]</c>.</summary>
    public CommandSignature(string usage)
    {
        var items = usage.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        (Usage, Name) = (usage, items.Length > 0 ? items[0] : throw new ArgumentException("A command needs a name.", nameof(usage)));
        foreach (var parameter in items.Skip(1).Select(CommandParameter.Parse))
        {
            if (!parameter.IsOption && _positional is [.., { IsRest: true } or { IsOptional: true }] && !(parameter.IsOptional || parameter.IsRest))
            {
                throw new ArgumentException($"'{usage}': {parameter.Name} cannot be required after an optional one.", nameof(usage));
            }

            (parameter.IsOption ? _options : _positional).Add(parameter);
        }
    }

    /// <summary>The signature as it was written.</summary>
    public string Usage { get; }

    /// <summary>The command's name.</summary>
    public string Name { get; }

    /// <summary>All parameters.</summary>
    public IEnumerable<CommandParameter> Parameters => _positional.Concat(_options);

    /// <summary>Binds the words after the name to the parameters. EINVAL with the usage when they do not fit.</summary>
    public Dictionary<string, IReadOnlyList<string>> Bind(IReadOnlyList<string> words)
    {
        var bound = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var position = 0;
        for (var i = 1; i < words.Count; i++)
        {
            // After the first word of a rest everything belongs to it: the arguments of a program may have '=' in them.
            if (OptionOf(words[i]) is { } option)
            {
                Put(bound, option, words[i][(option.Name.Length + 1)..]);
            }
            else if (position >= _positional.Count)
            {
                throw new FileException(Errno.EINVAL, $"'{words[i]}' is too much; usage: {Usage}");
            }
            else if (_positional[position].IsRest)
            {
                bound[_positional[position].Name] = [.. words.Skip(i)];
                break;
            }
            else
            {
                Put(bound, _positional[position++], words[i]);
            }
        }

        var missing = Parameters.FirstOrDefault(parameter => !parameter.IsOptional && !bound.ContainsKey(parameter.Name));
        return missing is null ? bound : throw new FileException(Errno.EINVAL, $"{missing.Name} is missing; usage: {Usage}");
    }

    private CommandParameter? OptionOf(string word)
    {
        var split = word.IndexOf('=', StringComparison.Ordinal);
        return split < 0 ? null : _options.Find(option => word.AsSpan(0, split).SequenceEqual(option.Name));
    }

    private void Put(Dictionary<string, IReadOnlyList<string>> bound, CommandParameter parameter, string word)
    {
        if (parameter.Complaint(word) is { } complaint)
        {
            throw new FileException(Errno.EINVAL, $"{complaint} Usage: {Usage}");
        }

        if (!bound.TryAdd(parameter.Name, [word]))
        {
            throw new FileException(Errno.EINVAL, $"{parameter.Name} is given twice; usage: {Usage}");
        }
    }
}
