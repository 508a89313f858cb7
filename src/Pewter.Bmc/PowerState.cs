namespace Pewter.Bmc;

/// <summary>Whether a machine has power.</summary>
public enum PowerState
{
    /// <summary>Off.</summary>
    Off,

    /// <summary>On.</summary>
    On,
}
