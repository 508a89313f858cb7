namespace Pewter.Configuration;

/// <summary>
/// Where Pewter's files lie for this user, by the XDG base directories; for root, where the system's services have theirs. Immutable.
/// </summary>
/// <param name="SystemConfiguration">The system's configuration directory.</param>
/// <param name="UserConfiguration">The user's configuration directory.</param>
/// <param name="State">The state directory.</param>
/// <param name="Run">The directory of sockets.</param>
public sealed record PewterPaths(string SystemConfiguration, string UserConfiguration, string State, string Run)
{
    /// <summary>The Unix socket of the 9P door.</summary>
    public string Socket => Path.Combine(Run, "9p.sock");

    /// <summary>The Unix socket of the HTTP door.</summary>
    public string HttpSocket => Path.Combine(Run, "http.sock");

    /// <summary>The usual places.</summary>
    /// <param name="variable">Looks a variable of the environment up.</param>
    /// <param name="isRoot">Whether the user is root.</param>
    public static PewterPaths For(Func<string, string?> variable, bool isRoot)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var home = Variable(variable, "HOME") ?? "/";
        var system = Variable(variable, "PEWTER_ETC") ?? "/etc/pewter";
        var user = Path.Combine(Variable(variable, "XDG_CONFIG_HOME") ?? Path.Combine(home, ".config"), "pewter");
        if (isRoot)
        {
            return new PewterPaths(system, user, "/var/lib/pewter", "/run/pewter");
        }

        var state = Path.Combine(Variable(variable, "XDG_STATE_HOME") ?? Path.Combine(home, ".local", "state"), "pewter");
        var runtime = Variable(variable, "XDG_RUNTIME_DIR");
        return new PewterPaths(system, user, state, runtime is null ? Path.Combine(state, "run") : Path.Combine(runtime, "pewter"));
    }

    /// <summary>A state directory of one's own has its sockets inside, so that several systems live side by side on one machine.</summary>
    public PewterPaths WithState(string? state) =>
        state is null || Path.GetFullPath(state) == State
            ? this
            : this with { State = Path.GetFullPath(state), Run = Path.Combine(Path.GetFullPath(state), "run") };

    private static string? Variable(Func<string, string?> variable, string name) => variable(name) is { Length: > 0 } value ? value : null;
}
