using System.Runtime.CompilerServices;

namespace Pewter.Blocks.Iscsi.Transfers;

/// <summary>
/// The incoming side of a write (RFC 7143 4.2.5.2): immediate data, then unsolicited Data-Out, then bursts asked for by
/// R2T, all in order (DataPDUInOrder and DataSequenceInOrder are Yes).
/// </summary>
internal struct DataOutProgress
{
    public const int MaxBursts = 8;

    private BurstRing _bursts;
    private int _first;

    /// <summary>The bytes that are wanted; more may come unsolicited and is thrown away.</summary>
    public int Needed;

    /// <summary>The bytes that have come.</summary>
    public int Received;

    /// <summary>Unsolicited Data-Out PDUs are still to come.</summary>
    public bool UnsolicitedOpen;

    public uint UnsolicitedDataSn;

    /// <summary>The bytes asked for so far, with those that came unasked.</summary>
    public int Requested;

    public uint R2TSn;

    public int OpenBursts { get; private set; }

    public readonly bool IsComplete => !UnsolicitedOpen && OpenBursts == 0 && Received >= Needed;

    public void OpenBurst(Burst burst)
    {
        _bursts[(_first + OpenBursts) % MaxBursts] = burst;
        OpenBursts++;
        Requested += burst.Length;
    }

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ref Burst CurrentBurst => ref _bursts[_first];

    public void CloseBurst()
    {
        _first = (_first + 1) % MaxBursts;
        OpenBursts--;
    }

    [InlineArray(MaxBursts)]
    private struct BurstRing
    {
        private Burst _element;
    }
}
