namespace Pewter.Blocks.Scsi;

/// <summary>
/// The changeable mode parameters of a logical unit (control mode page, SPC-4 7.5.8); not saved over restarts.
/// </summary>
internal sealed class ModeState
{
    private volatile bool _descriptorSense;
    private volatile bool _softwareWriteProtect;

    /// <summary>D_SENSE: sense data in descriptor format.</summary>
    public bool DescriptorSense
    {
        get => _descriptorSense;
        set => _descriptorSense = value;
    }

    /// <summary>SWP: the medium is write protected until it is cleared.</summary>
    public bool SoftwareWriteProtect
    {
        get => _softwareWriteProtect;
        set => _softwareWriteProtect = value;
    }

    public void Reset() => (_descriptorSense, _softwareWriteProtect) = (false, false);
}
