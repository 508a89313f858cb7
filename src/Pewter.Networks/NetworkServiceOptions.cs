namespace Pewter.Networks;

/// <summary>How a machine's networks are made.</summary>
public sealed record NetworkServiceOptions
{
    /// <summary>Limits other than the defaults.</summary>
    public NetworkLimits Limits { get; init; } = new();

    /// <summary>The namespace whose interfaces reach other machines, by its path; null: the daemon's own.</summary>
    public string? Underlay { get; init; }

    /// <summary>The program that serves DHCP, names and boot files; null: <c>pewter-netd</c> beside this program, or what <c>PATH</c> has.</summary>
    public string? PlanePath { get; init; }

    /// <summary>Whether segments are served at all: without it members keep their addresses but nobody answers them.</summary>
    public bool IsServed { get; init; } = true;
}
