namespace Pewter.Blocks.Nbd;

/// <summary>
/// Whether to look for a client's next request for a moment before sleeping. A client that sends one request at a time answers within
/// microseconds, less than a sleep and a wake-up take; one that thinks longer is not worth the processor time. Learns from what came of it.
/// </summary>
internal struct NbdPatience
{
    private const int Most = 32;
    private const int LossForVain = 4;
    private const int StepsToTryAgain = 128;
    private int _credit;
    private int _steps;

    /// <summary>Whether looking is worth it now, after <paramref name="requests"/> came at once.</summary>
    public bool ShouldLook(int requests)
    {
        // Who sends several at once pays for few wake-ups anyway.
        if (requests != 1)
            return false;
        if (_credit <= 0 && ++_steps % StepsToTryAgain == 0)
            _credit = LossForVain;
        return _credit > 0;
    }

    /// <summary>Learns whether looking found something.</summary>
    public void Learn(bool found) => _credit = found ? Math.Min(Most, _credit + 1) : _credit - LossForVain;
}
