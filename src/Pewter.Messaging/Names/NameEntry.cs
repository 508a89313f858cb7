using Pewter.Tree;

namespace Pewter.Messaging.Names;

/// <summary>An object of <c>/name</c>: a name that is bound, or somebody's watch of names.</summary>
/// <param name="Number">Its number in the collection.</param>
/// <param name="Tenant">Its name space.</param>
internal abstract record NameEntry(long Number, string Tenant)
{
    internal virtual Owner Owner => new("root", Tenant, 0);
}
