using Pewter.Doors.Http;
using Pewter.Testing;
using Pewter.Tree;

namespace Pewter.Doors.Tests;

/// <summary>Clients of Redfish that others wrote use nodes as they use any machine.</summary>
public sealed class RedfishTests : IAsyncLifetime
{
    private readonly Collection<Machine> _machines = Machine.Collection();
    private DoorHouse _house = null!;
    private string _host = "";
    private string _token = "";

    public async ValueTask InitializeAsync()
    {
        _house = await DoorHouse.OpenAsync();
        var context = _house.Context with { Root = new TreeDirectory().Add("node", _machines) };
        var door = _house.Own(await HttpDoor.OpenAsync([new LoopbackEndpoint(DoorHouse.FreePort)], context));
        _host = door.Addresses.Single().Authority;
        _token = await _house.TokenAsync("alice");
        foreach (var user in (string[])["alice", "alice", "bob"])
        {
            var (_, ctl) = await new TreeClient(context.Root, new() { User = user }).CloneAsync("/node");
            await ctl.WriteTextAsync("type persistent\n");
            await ctl.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        await _machines.DisposeAsync();
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Session")]
    public async Task Redfishtool_lists_shows_resets_and_sets_the_boot_device(string authentication)
    {
        if (!File.Exists("/usr/bin/redfishtool"))
            Assert.Skip("skipped, because it needs the package redfishtool");
        var tool = $"redfishtool -r {_host} -u anyone -p {_token} -S Never -A {authentication} Systems";
        var listed = await Shell.RunAsync($"{tool} list");
        Assert.Contains("/redfish/v1/Systems/n1", listed.Output + listed.Errors);
        Assert.DoesNotContain("/redfish/v1/Systems/n3", listed.Output);
        await SucceedAsync($"{tool} -I n1 reset On");
        await SucceedAsync($"{tool} -I n1 setBootOverride Once Pxe");
        var machine = _machines.All()[0].Item;
        Assert.Equal(("on", "net", true), (machine.Power, machine.BootDevice, machine.IsBootOnce));
        Assert.Contains("\"PowerState\": \"On\"", (await Shell.RunAsync($"{tool} -I n1")).Output);
        await SucceedAsync($"{tool} -I n1 reset ForceOff");
        Assert.Equal("off", machine.Power);
    }

    [Fact]
    public async Task Sushy_finds_a_system_and_changes_it()
    {
        const string Python = "/usr/bin/python3";
        if ((await Shell.RunAsync($"{Python} -c 'import sushy'")).ExitCode != 0)
            Assert.Skip("skipped, because it needs the package python3-sushy");
        var script = $"""
            import sushy, sushy.auth
            root = sushy.Sushy('http://{_host}', auth=sushy.auth.SessionOrBasicAuth('anyone', '{_token}'))
            system = root.get_system('/redfish/v1/Systems/n2')
            print(system.power_state, system.memory_summary.size_gib, len(root.get_system_collection().get_members()))
            system.reset_system(sushy.RESET_ON)
            system.set_system_boot_options(target=sushy.BOOT_SOURCE_TARGET_PXE, enabled=sushy.BOOT_SOURCE_ENABLED_ONCE)
            system.refresh(force=True)
            print(system.power_state, system.boot.target, system.boot.enabled)
            """;
        var result = await Shell.RunAsync($"{Python} - <<'END'\n{script}\nEND");
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal("PowerState.OFF 1 2\nPowerState.ON BootSource.PXE BootSourceOverrideEnabled.ONCE\n", result.Output);
    }

    [Fact]
    public async Task Without_a_good_token_there_is_the_service_root_and_nothing_else()
    {
        var script = string.Join(';', ((string[])["", "/Systems", "/Systems/n1"]).Select(path =>
            $"curl -s -o /dev/null -w '%{{http_code}} ' -u anyone:pwt_no http://{_host}/redfish/v1{path}"));
        Assert.Equal("200 401 401 ", (await Shell.RunAsync(script)).Output);
    }

    [Theory]
    [InlineData("Systems/n9", "GET", "", "404")]
    [InlineData("Systems/n3", "GET", "", "403")]
    [InlineData("Systems/n1/Actions/ComputerSystem.Reset", "POST", """{"ResetType":"Explode"}""", "400")]
    [InlineData("Systems/n1/Actions/ComputerSystem.Reset", "POST", "nonsense", "400")]
    [InlineData("Systems/n3/Actions/ComputerSystem.Reset", "POST", """{"ResetType":"On"}""", "403")]
    [InlineData("Systems/n1", "PATCH", """{"AssetTag":"x"}""", "400")]
    [InlineData("Systems/n1", "PATCH", """{"Boot":{"BootSourceOverrideTarget":"Floppy"}}""", "400")]
    public async Task What_cannot_be_done_is_told_in_the_form_of_Redfish(string path, string method, string body, string status)
    {
        var result = await Shell.RunAsync(
            $"curl -s -w ' %{{http_code}}' -X {method} -u anyone:{_token} -d '{body}' http://{_host}/redfish/v1/{path}");
        Assert.EndsWith($" {status}", result.Output);
        Assert.Contains("@Message.ExtendedInfo", result.Output);
    }

    private static async Task SucceedAsync(string command)
    {
        var result = await Shell.RunAsync(command);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
    }
}
