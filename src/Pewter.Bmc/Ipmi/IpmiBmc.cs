using System.Globalization;

namespace Pewter.Bmc.Ipmi;

/// <summary>
/// A controller by IPMI 2.0. Each operation has a session of its own: controllers have few, forget them when they restart, and a daemon that
/// dies must not leave one behind.
/// </summary>
internal sealed class IpmiBmc(BmcAddress address, BmcCredentials credentials, TimeProvider time, BmcLimits limits) : IBmc
{
    private readonly SemaphoreSlim _turn = new(1);

    public ValueTask<BmcIdentity> IdentifyAsync(CancellationToken cancellation) => InSessionAsync(
        async (session, token) =>
        {
            var device = await session.RequestAsync(IpmiCommand.DeviceId, [], token);
            Demand(device.Length >= 11, "a device id");
            var maker = device[6] | (device[7] << 8) | (device[8] << 16);
            return new BmcIdentity
            {
                Manufacturer = string.Create(CultureInfo.InvariantCulture, $"enterprise {maker}"),
                Model = string.Create(CultureInfo.InvariantCulture, $"product {device[9] | (device[10] << 8)}"),
                Firmware = string.Create(CultureInfo.InvariantCulture, $"{device[2] & 0x7f}.{device[3]:x2}"),
                Uuid = await UuidAsync(session, token),
            };
        },
        cancellation);

    public ValueTask<PowerState> PowerAsync(CancellationToken cancellation) => InSessionAsync(ReadPowerAsync, cancellation);

    public async ValueTask SetPowerAsync(PowerAction action, CancellationToken cancellation) => await InSessionAsync(
        async (session, token) =>
        {
            // A reset or a cycle of a machine that is off is refused; starting it is what was meant.
            var isOff = action is PowerAction.Reset or PowerAction.Cycle && await ReadPowerAsync(session, token) == PowerState.Off;
            return await session.RequestAsync(IpmiCommand.ChassisControl, [ChassisControl(isOff ? PowerAction.On : action)], token);
        },
        cancellation);

    public ValueTask<BootOverride> BootAsync(CancellationToken cancellation) => InSessionAsync(
        async (session, token) =>
        {
            var answer = await session.RequestAsync(IpmiCommand.GetBootOptions, [IpmiBootFlags.Parameter, 0, 0], token);
            Demand(answer.Length >= 4, "boot options");
            return IpmiBootFlags.Read(answer.AsSpan(2));
        },
        cancellation);

    public async ValueTask SetBootAsync(BootOverride boot, CancellationToken cancellation) => await InSessionAsync(
        async (session, token) =>
        {
            byte[] flags = [IpmiBootFlags.Parameter, .. IpmiBootFlags.Write(boot, address)];
            return await session.RequestAsync(IpmiCommand.SetBootOptions, flags, token);
        },
        cancellation);

    public async ValueTask<Stream> OpenConsoleAsync(CancellationToken cancellation)
    {
        var session = await IpmiSession.OpenAsync(address, credentials, time, limits, cancellation);
        try
        {
            return await IpmiConsole.OpenAsync(session, address, time, limits, cancellation);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }

    // Table 28-4.
    private static byte ChassisControl(PowerAction action) => action switch
    {
        PowerAction.Off => 0,
        PowerAction.On => 1,
        PowerAction.Cycle => 2,
        PowerAction.Reset => 3,
        _ => 5,
    };

    private static async ValueTask<PowerState> ReadPowerAsync(IpmiSession session, CancellationToken cancellation)
    {
        var status = await session.RequestAsync(IpmiCommand.ChassisStatus, [], cancellation);
        return status.Length > 0 && (status[0] & 1) != 0 ? PowerState.On : PowerState.Off;
    }

    private static async ValueTask<string> UuidAsync(IpmiSession session, CancellationToken cancellation)
    {
        try
        {
            var guid = await session.RequestAsync(IpmiCommand.SystemGuid, [], cancellation);
            return guid.Length == 16 ? new Guid(guid).ToString() : "";
        }
        catch (BmcException without) when (without.Fault is BmcFault.Unsupported or BmcFault.Refused)
        {
            return "";
        }
    }

    private void Demand(bool condition, string what)
    {
        if (!condition)
            throw new BmcException(BmcFault.Broken, $"{address} sent {what} that is too short.");
    }

    private async ValueTask<T> InSessionAsync<T>(Func<IpmiSession, CancellationToken, ValueTask<T>> act, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(limits.Operation, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        await _turn.WaitAsync(cancellation);
        try
        {
            await using var session = await IpmiSession.OpenAsync(address, credentials, time, limits, either.Token);
            return await act(session, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BmcException(BmcFault.Silent, $"{address} did not end the operation within {limits.Operation.TotalSeconds} s.");
        }
        finally
        {
            _turn.Release();
        }
    }
}
