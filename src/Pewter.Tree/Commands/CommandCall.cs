using System.Globalization;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>One command as it was given: its arguments, checked against the signature, and who gave it. Immutable.</summary>
public sealed class CommandCall
{
    private readonly CommandSignature _signature;
    private readonly Dictionary<string, IReadOnlyList<string>> _bound;

    internal CommandCall(
        CommandSignature signature, IReadOnlyList<string> words, Dictionary<string, IReadOnlyList<string>> bound, Caller caller) =>
        (_signature, All, _bound, Caller) = (signature, words, bound, caller);

    /// <summary>The words as they were given, the name first: what a service passes on to another's ctl.</summary>
    public IReadOnlyList<string> All { get; }

    /// <summary>The command's name.</summary>
    public string Name => _signature.Name;

    /// <summary>Who gave it.</summary>
    public Caller Caller { get; }

    /// <summary>Whether an optional argument was given.</summary>
    public bool Has(string name) => Words(name).Count > 0;

    /// <summary>A word or choice that must be there.</summary>
    public string Word(string name) => Words(name)[0];

    /// <summary>A word or choice, or what stands for it when it was left out.</summary>
    public string? Word(string name, string? otherwise) => Has(name) ? Words(name)[0] : otherwise;

    /// <summary>A whole number.</summary>
    public long Int(string name, long otherwise = 0) => Has(name) ? long.Parse(Word(name), CultureInfo.InvariantCulture) : otherwise;

    /// <summary>A number.</summary>
    public double Number(string name, double otherwise = 0) =>
        Has(name) ? double.Parse(Word(name), CultureInfo.InvariantCulture) : otherwise;

    /// <summary>A size in units (bytes, mostly).</summary>
    public long Size(string name, long otherwise = 0) => Has(name) && Quantity.TryParseSize(Word(name), out var size) ? size : otherwise;

    /// <summary>A length of time.</summary>
    public TimeSpan Duration(string name, TimeSpan otherwise = default) =>
        Has(name) && Quantity.TryParseDuration(Word(name), out var duration) ? duration : otherwise;

    /// <summary>All words of a rest parameter; none when it was left out.</summary>
    public IReadOnlyList<string> Words(string name)
    {
        if (!_bound.TryGetValue(name, out var words))
        {
            // A name that is not in the signature is a slip of the service, not of the caller.
            return _signature.Parameters.Any(parameter => parameter.Name == name)
                ? [] : throw new ArgumentException($"'{_signature.Usage}' has no parameter {name}.", nameof(name));
        }

        return words;
    }
}
