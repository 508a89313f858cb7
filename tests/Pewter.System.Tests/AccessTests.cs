using System.Text.Json;

namespace Pewter.System.Tests;

public sealed class AccessTests
{
    [Fact]
    public async Task A_token_opens_the_tree_over_TCP_until_it_is_revoked()
    {
        await using var system = new PewterSystem();
        Directory.CreateDirectory(system.State);
        Assert.Equal(0, (await system.RunAsync("up", "--detach", "--listen", "tcp://127.0.0.1:0")).ExitCode);
        var url = $"tcp://{await ListeningAsync(system, "tcp")}";
        Assert.Equal(1, (await system.RunAsync("ls", "--url", url)).ExitCode);

        using var made = JsonDocument.Parse((await system.RunAsync("token", "create", "lab", "--read-only", "--ttl", "1h", "-o", "json")).Output);
        var token = made.RootElement.GetProperty("token").GetString()!;
        var listed = await WithTokenAsync(system, token, $"pewter ls --url {url}");
        Assert.Equal(0, listed.ExitCode);
        Assert.Superset(new HashSet<string> { "ctl", "events", "status" }, listed.Output.Split('\n').ToHashSet());
        Assert.Equal(1, (await WithTokenAsync(system, token, $"pewter write /ctl note x --url {url}")).ExitCode);
        Assert.Equal(1, (await WithTokenAsync(system, token, $"pewter cat /token/json --url {url}")).ExitCode);

        Assert.Equal(0, (await system.RunAsync("token", "revoke", made.RootElement.GetProperty("id").GetString()!)).ExitCode);
        Assert.Equal(1, (await WithTokenAsync(system, token, $"pewter ls --url {url}")).ExitCode);
        Assert.DoesNotContain(token, File.ReadAllText(Path.Combine(system.State, "pewterd.log")), StringComparison.Ordinal);
        Assert.DoesNotContain(token, (await system.RunAsync("events", "-o", "json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_certificate_of_the_built_in_authority_opens_the_tree_over_TLS()
    {
        await using var system = new PewterSystem();
        Directory.CreateDirectory(system.State);
        Assert.Equal(0, (await system.RunAsync("up", "--detach", "--listen", "tls://127.0.0.1:0")).ExitCode);
        var port = (await ListeningAsync(system, "tls")).Split(':')[1];
        var result = await system.ShellAsync(
            $"cd {system.State} && pewter ca show > ca.pem && pewter -q ca client lab --admin"
            + " && export PEWTER_TLS_CA=ca.pem PEWTER_TLS_CERT=lab.crt PEWTER_TLS_KEY=lab.key"
            + $" && stat -c %a lab.key && pewter write /ctl note by-tls --url tls://localhost:{port} && pewter events -o json --url tls://localhost:{port}");
        Assert.StartsWith("600\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("\"text\":\"by-tls\",\"by\":\"lab\"", result.Output, StringComparison.Ordinal);
        Assert.Equal(1, (await system.ShellAsync($"pewter ls --url tls://localhost:{port}")).ExitCode);
    }

    [Fact]
    public async Task A_user_without_rights_reads_and_writes_only_what_it_may()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Skip("skipped, because only root can become another user");
        }

        await using var system = await PewterSystem.UpAsync();
        var nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups env"
            + $" PEWTER_SOCKET={system.Socket} PEWTER_ETC={system.State} HOME=/ {Programs.Pewter}";
        Assert.Equal(0, (await system.ShellAsync($"{nobody} cat /version")).ExitCode);
        var denied = await system.ShellAsync($"{nobody} write /ctl stop");
        Assert.Equal(1, denied.ExitCode);
        Assert.Contains("EACCES", denied.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await system.ShellAsync($"{nobody} ls /token")).ExitCode);
        Assert.Equal(0, (await system.RunAsync("status")).ExitCode);
    }

    [Fact]
    public async Task A_user_sees_the_machines_own_node_and_runs_on_it_as_itself_within_its_limits()
    {
        Programs.RequireCells();
        await using var system = await PewterSystem.UpAsync(("PEWTER_USER_PROCESSES", "3"), ("PEWTER_USER_NODES", "1"),
            ("PEWTER_USER_MEMORY", "1000000000"));
        var nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups env"
            + $" PEWTER_SOCKET={system.Socket} PEWTER_ETC={system.State} HOME=/ {Programs.Pewter}";
        Assert.Equal("/node/n1\n", (await system.ShellAsync($"{nobody} node list -o name")).Output);
        var inside = await system.ShellAsync($"{nobody} ls /node/n1/fs");
        Assert.Equal(1, inside.ExitCode);
        Assert.Contains("EACCES", inside.Error, StringComparison.Ordinal);
        Assert.Equal("nobody\n", (await system.ShellAsync($"{nobody} run --limit mem=64Mi -- id -un")).Output);
        await system.ShellAsync($"cd {system.State}; printf '#!/bin/sh\nid -un; cat word' > tool; echo pushed > word; chmod 644 tool word");
        var pushed = await system.ShellAsync($"{nobody} run --limit mem=64Mi --push {system.State}/tool --push {system.State}/word -- ./tool");
        Assert.True(pushed.Output == "nobody\npushed\n", pushed.Output + pushed.Error);

        foreach (var (line, limit) in ((string, string)[])[
            ("run -n 4 --limit mem=1Mi -- true", "ProcessesPerUser"), ("run -- true", "MemoryPerUser"),
            ("run -n 2 --limit mem=600M -- true", "MemoryPerUser"), ("node alloc -n 2", "may have 1 nodes")])
        {
            var refused = await system.ShellAsync($"{nobody} {line}");
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(limit, refused.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_mount_that_lets_others_in_gives_each_their_own_rights()
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/dev/fuse"))
        {
            Assert.Skip("skipped, because only root with /dev/fuse can mount for others");
        }

        await using var system = await PewterSystem.UpAsync();
        var directory = Path.Combine(system.State, "mnt");
        Directory.CreateDirectory(directory);
        var mounted = await system.RunAsync("mount", "--detach", "--allow-others", directory);
        Assert.True(mounted.ExitCode == 0, mounted.Error);
        try
        {
            const string Nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";
            Assert.StartsWith("pewterd", (await system.ShellAsync($"{Nobody} cat {directory}/version")).Output, StringComparison.Ordinal);
            Assert.Contains("Permission denied", (await system.ShellAsync($"{Nobody} cat {directory}/token/json")).Error, StringComparison.Ordinal);
            Assert.NotEqual(0, (await system.ShellAsync($"{Nobody} sh -c 'echo note forged > {directory}/ctl'")).ExitCode);
            Assert.Equal(0, (await system.ShellAsync($"echo note genuine > {directory}/ctl")).ExitCode);
            var events = (await system.RunAsync("events", "-o", "json")).Output;
            Assert.DoesNotContain("forged", events, StringComparison.Ordinal);
            Assert.Contains("\"text\":\"genuine\",\"by\":\"root\"", events, StringComparison.Ordinal);
        }
        finally
        {
            await system.RunProgramAsync("umount", [directory]);
        }
    }

    private static Task<ProgramResult> WithTokenAsync(PewterSystem system, string token, string line) =>
        system.ShellAsync($"export PEWTER_TOKEN={token}; {line}");

    /// <summary>Where a door listens, from the log, because the port was left to the system.</summary>
    private static async Task<string> ListeningAsync(PewterSystem system, string door)
    {
        var log = await File.ReadAllTextAsync(Path.Combine(system.State, "pewterd.log"));
        var line = log.Split('\n').Single(line => line.Contains($"door={door} ", StringComparison.Ordinal));
        return line.Split("at=")[1].Trim().Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
    }
}
