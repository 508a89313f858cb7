namespace Pewter.Blocks.Rbd;

/// <summary>
/// How to reach a pool of a Ceph cluster. Secrets stay in the keyring file; nothing here is one, and options are not
/// printed.
/// </summary>
/// <param name="ConfigurationFile">Path of <c>ceph.conf</c>.</param>
/// <param name="Pool">The pool that holds the images.</param>
public sealed record RbdConfig(string ConfigurationFile, string Pool)
{
    /// <summary>The Ceph user, with its type.</summary>
    public string User { get; init; } = "client.admin";

    /// <summary>Path of the user's keyring; null takes the one the configuration file names.</summary>
    public string? Keyring { get; init; }

    /// <summary>Further options of the cluster's clients by name, which win over the file.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>How long to wait for the cluster when connecting and for any of its answers.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Reads <c>FILE:POOL</c> or <c>FILE:POOL:USER</c>. EINVAL when it is something else.</summary>
    public static RbdConfig Parse(string text) => text.Split(':') switch
    {
        [{ Length: > 0 } file, { Length: > 0 } pool] => new RbdConfig(file, pool),
        [{ Length: > 0 } file, { Length: > 0 } pool, { Length: > 0 } user] => new RbdConfig(file, pool) { User = user },
        _ => throw new BlockException(BlockErrno.EINVAL, $"'{text}' is no Ceph pool; write /etc/ceph/ceph.conf:POOL, or with :client.USER behind."),
    };

    /// <summary>User, pool and file.</summary>
    public override string ToString() => $"{User} at pool {Pool} of {ConfigurationFile}";
}
