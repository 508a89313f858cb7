using System.Collections.Frozen;
using Pewter.Blocks.Scsi;

namespace Pewter.Blocks.Iscsi;

/// <summary>A target that has been checked; immutable, swapped whole.</summary>
public sealed class IscsiTargetModel
{
    private const int MinSecret = 12, MaxSecret = 255;

    private readonly FrozenDictionary<string, IscsiAccessConfig> _access;
    private readonly IscsiAccessConfig? _anyone;

    private IscsiTargetModel(IscsiTargetConfig config)
    {
        Name = IscsiName.Normalize(config.Name);
        Alias = config.Alias;
        Units = config.Units.ToFrozenDictionary();
        Luns = [.. Units.Keys.Order()];
        Admission = config.Admission;
        _anyone = config.Access.FirstOrDefault(a => a.Initiator == IscsiAccessConfig.AnyInitiator);
        _access = config.Access.Where(a => a.Initiator != IscsiAccessConfig.AnyInitiator)
            .DistinctBy(a => IscsiName.Normalize(a.Initiator))
            .ToFrozenDictionary(a => IscsiName.Normalize(a.Initiator));
    }

    /// <summary>The target's iSCSI name in lower case.</summary>
    public string Name { get; }

    /// <summary>A name for people.</summary>
    public string? Alias { get; }

    /// <summary>The disks by logical unit number.</summary>
    public IReadOnlyDictionary<ushort, LogicalUnit> Units { get; }

    internal IReadOnlyList<ushort> Luns { get; }

    internal IscsiAdmission? Admission { get; }

    /// <summary>
    /// Checks a configuration; all that is wrong with it is in <paramref name="errors"/>, a sentence each.
    /// </summary>
    public static IscsiTargetModel? TryCreate(IscsiTargetConfig config, out IReadOnlyList<string> errors)
    {
        ArgumentNullException.ThrowIfNull(config);
        List<string> found = [];
        if (!IscsiName.IsValid(config.Name))
            found.Add($"target '{config.Name}': the name is no iSCSI name; use iqn.yyyy-mm.domain:name, eui.… or naa.…");
        if (config.Units.Count == 0)
            found.Add($"target '{config.Name}': it has no disk");
        foreach (ushort lun in config.Units.Keys.Where(l => l > LunFormat.Max))
            found.Add($"target '{config.Name}': LUN {lun} is above {LunFormat.Max}");
        foreach (IscsiAccessConfig access in config.Access)
            Check(config.Name, access, found);
        errors = found;
        return found.Count == 0 ? new IscsiTargetModel(config) : null;
    }

    /// <summary>What an initiator may do; null when it may not use the target.</summary>
    internal IscsiAccessConfig? FindAccess(string initiator) => _access.GetValueOrDefault(initiator) ?? _anyone;

    private static void Check(string target, IscsiAccessConfig access, List<string> errors)
    {
        string where = $"target '{target}', initiator '{access.Initiator}'";
        if (access.Initiator != IscsiAccessConfig.AnyInitiator && !IscsiName.IsValid(access.Initiator))
            errors.Add($"{where}: the name is no iSCSI name");
        CheckSecret(where, access.Chap, errors);
        CheckSecret(where, access.MutualChap, errors);
        if (access.MutualChap is not null && access.Chap is null)
            errors.Add($"{where}: mutual CHAP needs one-way CHAP too");
        if (access.MutualChap?.Secret is { } secret && secret == access.Chap?.Secret)
            errors.Add($"{where}: both directions have the same secret, which lets anyone answer with our own proof");
    }

    private static void CheckSecret(string where, ChapCredentials? chap, List<string> errors)
    {
        if (chap is null)
            return;
        if (string.IsNullOrEmpty(chap.User))
            errors.Add($"{where}: a CHAP name is empty");
        if (chap.Secret.Length is < MinSecret or > MaxSecret)
            errors.Add($"{where}: a CHAP secret has fewer than {MinSecret} or more than {MaxSecret} characters (RFC 7143 9.2.1)");
    }
}
