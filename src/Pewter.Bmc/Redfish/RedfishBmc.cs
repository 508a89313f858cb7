using System.Text.Json.Nodes;

namespace Pewter.Bmc.Redfish;

/// <summary>A controller by Redfish (DSP0266, schema ComputerSystem): the one system of the service, or the one that the address names.</summary>
internal sealed class RedfishBmc(BmcAddress address, BmcCredentials credentials, TimeProvider time, BmcLimits limits) : IBmc
{
    private const string Systems = "/redfish/v1/Systems";

    private static readonly (BootDevice Device, string Target)[] Targets =
    [
        (BootDevice.Default, "None"), (BootDevice.Disk, "Hdd"), (BootDevice.Pxe, "Pxe"), (BootDevice.Http, "UefiHttp"),
        (BootDevice.Cd, "Cd"), (BootDevice.Setup, "BiosSetup"),
    ];

    private readonly RedfishClient _client = new(address, credentials, limits);
    private readonly SemaphoreSlim _turn = new(1);
    private string? _path = address.SystemPath?.TrimEnd('/');

    public ValueTask<BmcIdentity> IdentifyAsync(CancellationToken cancellation) => InTurnAsync(
        (system, _) => ValueTask.FromResult(new BmcIdentity
        {
            Manufacturer = Text(system, "Manufacturer"),
            Model = Text(system, "Model"),
            Serial = Text(system, "SerialNumber"),
            Uuid = Text(system, "UUID"),
            Firmware = Text(system, "BiosVersion"),
            Cpus = (int?)Number(system["ProcessorSummary"], "Count"),
            MemoryBytes = Number(system["MemorySummary"], "TotalSystemMemoryGiB") is { } gibibytes ? (long)(gibibytes * (1L << 30)) : null,
        }),
        cancellation);

    public ValueTask<PowerState> PowerAsync(CancellationToken cancellation) =>
        InTurnAsync((system, _) => ValueTask.FromResult(Power(system)), cancellation);

    public async ValueTask SetPowerAsync(PowerAction action, CancellationToken cancellation) => await InTurnAsync(
        async (system, token) =>
        {
            var (state, reset) = (Power(system), system["Actions"]?["#ComputerSystem.Reset"]);
            if (action == PowerAction.On && state == PowerState.On || action is PowerAction.Off or PowerAction.SoftOff && state == PowerState.Off)
                return true;
            var target = Text(reset, "target");
            var allowed = (reset?["ResetType@Redfish.AllowableValues"] as JsonArray)?.Select(value => value?.ToString()).ToHashSet();
            var type = ResetTypes(action, state).FirstOrDefault(each => allowed is null || allowed.Contains(each));
            if (target.Length == 0 || type is null)
                throw new BmcException(BmcFault.Unsupported, $"{address} has no reset that would do '{action}'.");
            await _client.PostAsync(target, new JsonObject { ["ResetType"] = type }, token);
            return true;
        },
        cancellation);

    public ValueTask<BootOverride> BootAsync(CancellationToken cancellation) => InTurnAsync(
        (system, _) =>
        {
            var boot = system["Boot"];
            var enabled = Text(boot, "BootSourceOverrideEnabled");
            var target = enabled is "Once" or "Continuous" ? Text(boot, "BootSourceOverrideTarget") : "";
            var device = Targets.FirstOrDefault(pair => pair.Target == target).Device;
            return ValueTask.FromResult(new BootOverride(device, enabled == "Once", Text(boot, "BootSourceOverrideMode") == "UEFI"));
        },
        cancellation);

    public async ValueTask SetBootAsync(BootOverride boot, CancellationToken cancellation) => await InTurnAsync(
        async (_, token) =>
        {
            var (system, tag) = await _client.GetAsync(_path!, token);
            var change = new JsonObject
            {
                ["BootSourceOverrideTarget"] = Targets.First(pair => pair.Device == boot.Device).Target,
                ["BootSourceOverrideEnabled"] = boot.Device == BootDevice.Default ? "Disabled" : boot.IsOnce ? "Once" : "Continuous",
            };
            if (system["Boot"]?["BootSourceOverrideMode"] is not null)
                change["BootSourceOverrideMode"] = boot.IsUefi ? "UEFI" : "Legacy";
            await _client.PatchAsync(_path!, new JsonObject { ["Boot"] = change }, tag, token);
            return true;
        },
        cancellation);

    public ValueTask<Stream> OpenConsoleAsync(CancellationToken cancellation) => throw new BmcException(
        BmcFault.Unsupported, $"{address}: Redfish has no serial console; give the machine a BMC by IPMI to have one.");

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }

    private static PowerState Power(JsonObject system) =>
        Text(system, "PowerState") is "On" or "PoweringOff" or "Paused" ? PowerState.On : PowerState.Off;

    private static string[] ResetTypes(PowerAction action, PowerState state) => action switch
    {
        PowerAction.On => ["On", "ForceOn"],
        PowerAction.Off => ["ForceOff"],
        PowerAction.SoftOff => ["GracefulShutdown", "PushPowerButton"],
        _ when state == PowerState.Off => ["On", "ForceOn"],
        PowerAction.Cycle => ["PowerCycle", "ForceRestart"],
        _ => ["ForceRestart", "GracefulRestart"],
    };

    private static string Text(JsonNode? node, string name) =>
        (node as JsonObject)?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text.Trim() : "";

    private static double? Number(JsonNode? node, string name) =>
        (node as JsonObject)?[name] is JsonValue value && value.TryGetValue<double>(out var number) ? number : null;

    private async ValueTask<T> InTurnAsync<T>(Func<JsonObject, CancellationToken, ValueTask<T>> act, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(limits.Operation, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        await _turn.WaitAsync(cancellation);
        try
        {
            _path ??= await FindAsync(either.Token);
            var (system, _) = await _client.GetAsync(_path, either.Token);
            return await act(system, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BmcException(BmcFault.Silent, $"{address} did not end the operation within {limits.Operation.TotalSeconds} s.");
        }
        catch (InvalidOperationException odd)
        {
            // A member that is of another kind than the schema says.
            throw new BmcException(BmcFault.Broken, $"{address} does not keep to the schema of Redfish: {odd.Message}", odd);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask<string> FindAsync(CancellationToken cancellation)
    {
        var (systems, _) = await _client.GetAsync(Systems, cancellation);
        var paths = (systems["Members"] as JsonArray)?.Select(member => Text(member, "@odata.id")).Where(path => path.Length > 0).ToList() ?? [];
        return paths switch
        {
            [var only] => only.TrimEnd('/'),
            [] => throw new BmcException(BmcFault.Unsupported, $"{address} has no system."),
            _ => throw new BmcException(
                BmcFault.Refused, $"{address} has {paths.Count} systems; say which in the address: {string.Join(", ", paths.Take(8))}."),
        };
    }
}
