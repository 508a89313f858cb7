namespace Pewter.Bmc;

/// <summary>A change of power.</summary>
public enum PowerAction
{
    /// <summary>Switches it on.</summary>
    On,

    /// <summary>Switches it off at once.</summary>
    Off,

    /// <summary>Asks its operating system to end and to switch it off.</summary>
    SoftOff,

    /// <summary>Starts it again without switching it off.</summary>
    Reset,

    /// <summary>Switches it off and on.</summary>
    Cycle,
}
