using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Networks.Plane.Boot;

/// <summary>
/// What a machine boots, as it is written: <c>kernel=FILE [initrd=FILE] [cmdline=WORDS]</c>, <c>iscsi=NAME [portal=ADDRESS] [lun=N]
/// [initiator=NAME] [user=NAME secret=WORD]</c>, <c>url=URL</c>, <c>local</c>, or an iPXE script of one's own. Immutable.
/// </summary>
internal sealed record BootTarget
{
    private const string ScriptMark = "#!ipxe";

    private static readonly string[] Served = ["kernel", "initrd"];

    private static readonly string[] Keys = ["kernel", "initrd", "cmdline", "iscsi", "portal", "lun", "initiator", "user", "secret", "url"];

    /// <summary>An iPXE script as it was given.</summary>
    public string? Script { get; private init; }

    /// <summary>Whether the machine's own disk is booted.</summary>
    public bool IsLocal { get; private init; }

    /// <summary>Whether its script has a secret in it, which is for its machine alone.</summary>
    public bool HasSecret => Words.ContainsKey("user") && Words.ContainsKey("secret");

    public IReadOnlyDictionary<string, string> Words { get; private init; } = new Dictionary<string, string>();

    /// <summary>Files of this machine that are served, by the last part of their path.</summary>
    public IEnumerable<(string Name, string Path)> Files => Served
        .Where(key => Words.TryGetValue(key, out var path) && path.StartsWith('/'))
        .Select(key => (key, Words[key]));

    /// <summary>Reads a target.</summary>
    /// <exception cref="FileException">EINVAL: it is none.</exception>
    public static BootTarget Parse(string text)
    {
        if (text.StartsWith(ScriptMark, StringComparison.Ordinal))
        {
            return new BootTarget { Script = text };
        }

        var words = RcQuoting.Split(text.Trim());
        if (words is ["local"])
        {
            return new BootTarget { IsLocal = true };
        }

        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in words)
        {
            if (word.Split('=', 2) is not [var key, var value] || !Keys.Contains(key) || !pairs.TryAdd(key, value))
            {
                throw Wrong(word);
            }
        }

        var target = new BootTarget { Words = pairs };
        return pairs.Keys.Count(key => key is "kernel" or "iscsi" or "url") == 1 && (!pairs.ContainsKey("initrd") || pairs.ContainsKey("kernel"))
            ? target
            : throw Wrong(text);
    }

    /// <summary>Refuses files that are not there, and those of this machine to whoever may not read them.</summary>
    public void Check(NineP.Serving.Caller caller)
    {
        foreach (var (_, path) in Files)
        {
            if (!caller.IsAdmin)
            {
                throw new FileException(
                    Errno.EPERM, $"Only an administrator may serve a file of this machine such as {path}; name a URL, or a disk by iscsi=.");
            }

            if (!File.Exists(path))
            {
                throw new FileException(Errno.ENOENT, $"There is no file {path} to boot.");
            }
        }
    }

    private static FileException Wrong(string what) => new(
        Errno.EINVAL,
        $"'{what}' is nothing to boot: it is 'kernel=FILE [initrd=FILE] [cmdline=WORDS]', 'iscsi=NAME [portal=ADDRESS] [lun=N] [initiator=NAME] "
        + "[user=NAME secret=WORD]', "
        + "'url=URL', 'local', or a script that begins with #!ipxe.");
}
