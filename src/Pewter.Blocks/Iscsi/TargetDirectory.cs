using System.Collections.Immutable;

namespace Pewter.Blocks.Iscsi;

/// <summary>The targets of a server at one instant; immutable.</summary>
internal sealed class TargetDirectory(ImmutableSortedDictionary<string, IscsiTarget> targets)
{
    /// <summary>
    /// Every portal of a server is in one group, so a session may have connections through any of them.
    /// </summary>
    public const string PortalGroup = "1";

    public static TargetDirectory Empty { get; } = new(ImmutableSortedDictionary.Create<string, IscsiTarget>(StringComparer.Ordinal));

    public IEnumerable<IscsiTarget> Targets => targets.Values;

    public IscsiTarget? Find(string name) => targets.GetValueOrDefault(name);

    public TargetDirectory With(IscsiTarget target) => new(targets.SetItem(target.Name, target));

    public TargetDirectory Without(string name) => new(targets.Remove(name));

    /// <summary>Every entry that lets an initiator in somewhere.</summary>
    public IEnumerable<IscsiAccessConfig> AccessOf(string initiator) =>
        targets.Values.Select(t => t.Model.FindAccess(initiator)).OfType<IscsiAccessConfig>();

    /// <summary>
    /// The targets that discovery may tell an initiator of: those it may use with what it has proven.
    /// </summary>
    public IEnumerable<string> VisibleTo(string initiator, IReadOnlyList<IscsiAccessConfig> proven) =>
        from target in targets.Values
        let access = target.Model.FindAccess(initiator)
        where access is not null && (access.Chap is null || proven.Contains(access))
        select target.Name;
}
