namespace Pewter.Blocks.Scsi;

/// <summary>
/// The I_T_L nexus: one initiator port's path to one logical unit, with the unit attentions that wait for it. Any
/// thread may raise; the command path looks at one volatile field while nothing waits.
/// </summary>
internal sealed class Nexus(LogicalUnit unit, InitiatorPort initiator, IReadOnlyList<ushort> luns, string targetPort)
{
    private const int MaxWaiting = 16;

    private readonly Queue<AdditionalSense> _waiting = new();
    private volatile bool _hasAttention;

    public LogicalUnit Unit => unit;

    public InitiatorPort Initiator => initiator;

    /// <summary>The target's logical unit numbers, for REPORT LUNS.</summary>
    public IReadOnlyList<ushort> Luns => luns;

    /// <summary>Name of the target port, for the device identification page.</summary>
    public string TargetPort => targetPort;

    /// <summary>This initiator may not write.</summary>
    public bool IsReadOnly { get; init; }

    public bool HasAttention => _hasAttention;

    public void Raise(AdditionalSense code)
    {
        lock (_waiting)
        {
            if (_waiting.Contains(code) || _waiting.Count >= MaxWaiting)
                return;
            _waiting.Enqueue(code);
            _hasAttention = true;
        }
    }

    /// <summary>Takes the oldest unit attention; reporting it clears it (SAM-5 5.14).</summary>
    public bool TryTakeAttention(out AdditionalSense code)
    {
        lock (_waiting)
        {
            bool taken = _waiting.TryDequeue(out code);
            _hasAttention = _waiting.Count > 0;
            return taken;
        }
    }
}
