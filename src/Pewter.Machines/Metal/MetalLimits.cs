namespace Pewter.Machines.Metal;

/// <summary>Bounds of what is done with physical machines.</summary>
public sealed record MetalLimits
{
    /// <summary>How long a machine may take to be seen on or off after it was told to. Servers take up to a minute.</summary>
    public TimeSpan PowerChange { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How often its power is looked at while a change is waited for.</summary>
    public TimeSpan PowerPoll { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often the power of machines in use is looked at. 15 s: a controller is not a metric source.</summary>
    public TimeSpan Watch { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a machine may take from power on to its first word on the network. Servers test their memory for minutes.</summary>
    public TimeSpan Firmware { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a machine that boots may ask nothing of its network before it is given up: a large root takes its time.</summary>
    public TimeSpan BootSilence { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>What each controller is allowed.</summary>
    public Bmc.BmcLimits Controller { get; init; } = new();
}
