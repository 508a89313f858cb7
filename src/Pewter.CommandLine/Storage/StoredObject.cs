using System.CommandLine;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Storage;

/// <summary>A collection of stored things as commands name them: <c>/image</c> or <c>/disk</c>. Immutable.</summary>
/// <param name="Root">The collection's path.</param>
/// <param name="Noun">What one is called in help and usage.</param>
internal sealed record StoredObject(string Root, string Noun)
{
    public static StoredObject Image { get; } = new("/image", "image");

    public static StoredObject Disk { get; } = new("/disk", "disk");

    /// <summary>The argument that names one.</summary>
    public Argument<string> One() => new(Noun.ToUpperInvariant()) { Description = $"The {Noun}, by name or id" };

    /// <summary>The argument that names some.</summary>
    public Argument<string[]> Some() => new(Noun.ToUpperInvariant())
    {
        Description = $"The {Noun}s, by name or id", Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>The directory of one.</summary>
    public string Path(string nameOrId) => nameOrId.StartsWith('/') ? nameOrId : TreePath.Child(Root, nameOrId);
}
