namespace Pewter.Bmc;

/// <summary>
/// The baseboard management controller of one physical machine: power, boot device, identity, serial console. One operation at a time; each
/// ends within <see cref="BmcLimits.Operation"/>, or fails with a <see cref="BmcException"/> that says what the controller did.
/// </summary>
/// <remarks>
/// What a controller acknowledges is not yet so: power changes take their time, and some controllers lie. Whoever needs a state asks for it
/// until it is there.
/// </remarks>
public interface IBmc : IAsyncDisposable
{
    /// <summary>Who made the machine and which one it is, as far as the controller tells.</summary>
    ValueTask<BmcIdentity> IdentifyAsync(CancellationToken cancellation);

    /// <summary>Whether the machine is on.</summary>
    ValueTask<PowerState> PowerAsync(CancellationToken cancellation);

    /// <summary>Asks for a change of power. Asking for what is already so succeeds.</summary>
    ValueTask SetPowerAsync(PowerAction action, CancellationToken cancellation);

    /// <summary>What the next start boots from.</summary>
    ValueTask<BootOverride> BootAsync(CancellationToken cancellation);

    /// <summary>Says what the next start boots from, or every one from now on.</summary>
    ValueTask SetBootAsync(BootOverride boot, CancellationToken cancellation);

    /// <summary>
    /// Opens the serial console: bytes both ways until it is disposed or the controller ends it. <see cref="BmcFault.Unsupported"/> where the
    /// protocol has none.
    /// </summary>
    ValueTask<Stream> OpenConsoleAsync(CancellationToken cancellation);
}
