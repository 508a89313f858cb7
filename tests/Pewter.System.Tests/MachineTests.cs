using System.Globalization;
using System.Text.RegularExpressions;
using Pewter.Testing.Guests;

namespace Pewter.System.Tests;

/// <summary>Virtual machines as people use them: by Kittyhawk's words, in the demonstration, and beside other people.</summary>
public sealed partial class MachineTests
{
    private const string AsNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";

    [Fact]
    public async Task Kittyhawks_words_have_Kittyhawks_answers()
    {
        Require();
        await using var system = await PewterSystem.UpAsync();
        var made = (await LinesAsync(system, "network"))[..2];
        Assert.True(int.TryParse(made[0], CultureInfo.InvariantCulture, out _), made[0]);
        Assert.Matches(@"^10\.\d+\.\d+\.1$", made[1]);
        var net = made[0];

        // A test run takes nothing; what is not there is said in Kittyhawk's sentences.
        Assert.Equal("TEST RUN: QEMU instance was not allocated", (await LinesAsync(system, "alloc", net, "guest", "-t"))[^1]);
        var refused = await system.RunAsync("kh", "alloc", "977", "guest");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Error: network 977 is not valid", refused.Error + refused.Output);
        refused = await system.RunAsync("kh", "alloc", net, "/nonesuch");
        Assert.Contains("Error: file /nonesuch not found", refused.Error + refused.Output);
        Assert.Equal([$"root {net} 0"], await LinesAsync(system, "info"));

        var lines = await LinesAsync(system, "alloc", net, "guest", "--ram", "1", "--cpu", "1", "-n", "2");
        Assert.Equal(14, lines.Length);
        var (first, second) = (lines[0], lines[7]);
        Assert.NotEqual(first, second);
        Assert.Matches("^02:[0-9a-f:]{14}$", lines[1]);
        Assert.NotEqual(lines[1], lines[8]);
        Assert.StartsWith("tap: ", lines[2]);
        Assert.Equal([$"/node/n{first}/console", $"/node/n{first}/log", $"/node/n{first}/wait", $"/node/n{first}/json"], lines[3..7]);
        Assert.Contains(lines[1], (await system.RunAsync("cat", $"/node/n{first}/fs/sys/class/net/eth0/address")).Output);
        Assert.Equal([$"root {net} 2"], await LinesAsync(system, "info"));

        Assert.Equal([$"Removed node {first} from network {net}"], await LinesAsync(system, "rmnode", first));
        refused = await system.RunAsync("kh", "rmnode", first);
        Assert.Contains($"Error: node {first} is not valid", refused.Error + refused.Output);
        Assert.Equal([$"Network {net} removed"], await LinesAsync(system, "rmnet", net));
        Assert.DoesNotContain($"n{second}", (await system.RunAsync("node", "list", "-o", "name")).Output);

        var other = (await LinesAsync(system, "network"))[0];
        Assert.NotEqual(net, other);
        Assert.Equal(["All your networks and nodes have been removed."], await LinesAsync(system, "clean"));
        Assert.Empty(await LinesAsync(system, "info"));
    }

    [Fact]
    public async Task The_demo_computes_pi_on_forked_machines_and_leaves_nothing()
    {
        Require();
        var system = new PewterSystem();
        var result = await system.RunProgramAsync(Programs.Pewter, ["demo", "--kind", "vm", "--nodes", "3", "--points", "300000"]);
        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        var match = Answer().Match(result.Output);
        Assert.True(match.Success, result.Output);
        Assert.Equal(Math.PI, double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), 0.05);
        Assert.Contains("2 forks of it in", result.Error);
        Assert.Contains("nothing is left: no process, no mount, no cgroup, no file", result.Error);
    }

    [Fact]
    public async Task Anothers_machine_console_network_and_checkpoint_are_not_there_by_any_door()
    {
        Require();
        await using var system = await PewterSystem.UpAsync();
        Assert.Equal(0, (await system.RunAsync("net", "create", "secret")).ExitCode);
        var alloc = await system.RunAsync("node", "alloc", "--kind", "vm", "--net", "secret", "--name", "mine", "--wait");
        Assert.True(alloc.ExitCode == 0, alloc.Error);
        Assert.Equal(0, (await system.RunAsync("node", "checkpoint", "mine", "noon")).ExitCode);
        var id = (await system.RunAsync("node", "list", "kind=vm", "-o", "name")).Output.Trim().Split('/')[^1];

        // 9P.
        var pewter = $"{AsNobody} env PEWTER_SOCKET={system.Socket} PEWTER_ETC={system.State} HOME=/ {Programs.Pewter}";
        Assert.DoesNotContain(id, (await system.ShellAsync($"{pewter} node list -o name")).Output);
        Assert.DoesNotContain(id, (await system.ShellAsync($"{pewter} cat /node/json /node/status")).Output);
        Assert.DoesNotContain("secret", (await system.ShellAsync($"{pewter} cat /net/json /net/status")).Output);
        Assert.DoesNotContain("noon", (await system.ShellAsync($"{pewter} cat /node/checkpoints")).Output);
        foreach (var line in (string[])[
            $"cat /node/{id}/json", $"cat /node/{id}/console", $"cat /node/{id}/log", $"cat /node/{id}/fs/etc/hostname", $"ls /node/{id}/proc",
            $"write /node/{id}/ctl release", $"write /node/{id}/ctl fork", $"write /node/{id}/ctl checkpoint theirs", $"write /node/{id}/ctl power off",
            "write /node/ctl restore noon", "write /node/ctl forget noon", "write /node/ctl alloc kind=vm net=secret",
            "cat /net/secret/json", "cat /net/secret/members", $"write /net/secret/ctl disconnect {id}.eth0", "write /net/secret/ctl rm"])
        {
            var refused = await system.ShellAsync($"{pewter} {line}");
            Assert.True(refused.ExitCode != 0, $"{line}: {refused.Output}");
            Assert.Matches("EACCES|ENOENT|EPERM|There is no ", refused.Error);
        }

        // HTTP and Redfish.
        var curl = $"{AsNobody} curl -s --unix-socket {system.HttpSocket}";
        foreach (var path in (string[])["/node/json", "/net/json", "/redfish/v1/Systems"])
        {
            var seen = (await system.ShellAsync($"{curl} http://pewter{path}")).Output;
            Assert.DoesNotContain(id, seen);
            Assert.DoesNotContain("secret", seen);
        }

        const string Status = "-o /dev/null -w '%{http_code}'";
        foreach (var line in (string[])[
            $"{Status} http://pewter/node/{id}/json", $"{Status} http://pewter/node/{id}/console", $"{Status} -d release http://pewter/node/{id}/ctl",
            $"{Status} http://pewter/redfish/v1/Systems/{id}", $"{Status} -H 'Content-Type: application/json' -d '{{\"ResetType\":\"ForceOff\"}}' "
                + $"http://pewter/redfish/v1/Systems/{id}/Actions/ComputerSystem.Reset"])
        {
            Assert.Matches("^40[134]$", (await system.ShellAsync($"{curl} {line}")).Output);
        }

        await ByFuseAsync(system, id);

        // Nothing of all that has changed anything.
        Assert.Contains(" state=ready", (await system.RunAsync("cat", $"/node/{id}/status")).Output);
        Assert.Equal(id, (await system.RunAsync("cat", $"/node/{id}/fs/etc/hostname")).Output.Trim());
        Assert.StartsWith("noon ", (await system.RunAsync("cat", "/node/checkpoints")).Output);
        Assert.Equal(0, (await system.RunAsync("write", "/node/ctl", "forget", "noon")).ExitCode);
    }

    private static async Task ByFuseAsync(PewterSystem system, string id)
    {
        if (!File.Exists("/dev/fuse"))
        {
            return;
        }

        var directory = Path.Combine(system.State, "mnt");
        Directory.CreateDirectory(directory);
        var mounted = await system.RunAsync("mount", "--detach", "--allow-others", directory);
        Assert.True(mounted.ExitCode == 0, mounted.Error);
        try
        {
            Assert.DoesNotContain(id, (await system.ShellAsync($"{AsNobody} cat {directory}/node/json {directory}/node/status")).Output);
            foreach (var line in (string[])[
                $"cat {directory}/node/{id}/json", $"cat {directory}/node/{id}/console", $"ls {directory}/node/{id}/fs", $"cat {directory}/net/secret/json",
                $"sh -c 'echo release > {directory}/node/{id}/ctl'", $"sh -c 'echo rm > {directory}/net/secret/ctl'"])
            {
                Assert.NotEqual(0, (await system.ShellAsync($"{AsNobody} {line}")).ExitCode);
            }
        }
        finally
        {
            await system.RunProgramAsync("umount", [directory]);
        }
    }

    private static void Require()
    {
        Programs.RequireCells();
        Guest.RequireKernel("cloud-6.1");
        Assert.SkipWhen(Programs.NetworkServer is null, "skipped, because pewter-netd is not built; 'eng/build.sh pewter-netd' builds it");
    }

    private static async Task<string[]> LinesAsync(PewterSystem system, params string[] words)
    {
        var result = await system.RunAsync(["kh", .. words]);
        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex(@"^π ≈ ([0-9.]+), off by [0-9.]+ .*: [0-9,]+ points on 3 nodes in")]
    private static partial Regex Answer();
}
