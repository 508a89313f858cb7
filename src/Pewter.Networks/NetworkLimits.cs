namespace Pewter.Networks;

/// <summary>What the network service allows and how often it looks.</summary>
public sealed record NetworkLimits
{
    /// <summary>Networks of one project, administrators' excepted. 64: a namespace and a bridge cost the kernel some 100 KB each.</summary>
    public int NetworksOfProject { get; init; } = 64;

    /// <summary>Networks in all. 1,024: as many namespaces as were seen to work well on one machine.</summary>
    public int Networks { get; init; } = 1024;

    /// <summary>
    /// How often it is looked whether what was applied is still there. 2 s: a switch that came back has its ports
    /// before people look.
    /// </summary>
    public TimeSpan Watch { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a connect or disconnect is waited for before its action is given back as pending. 30 s: a switch
    /// answers in less, or is dead.
    /// </summary>
    public TimeSpan ActionPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Ended actions that are kept for whoever asks later. 1,000: days of a busy machine.</summary>
    public int ActionsKept { get; init; } = 1000;

    /// <summary>Events of <c>/net/events</c> that are skipped at a restart, at least as many as one commit lags behind.</summary>
    public int EventSlack { get; init; } = 1000;
}
