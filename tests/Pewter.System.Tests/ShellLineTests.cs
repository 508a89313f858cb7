namespace Pewter.System.Tests;

/// <summary>The lines of the seeds and of the manual, typed at a shell in the mounted tree: no program of ours, only cat, echo and ls.</summary>
public sealed class ShellLineTests(Lab lab) : IClassFixture<Lab>
{
    [Fact]
    public async Task A_process_is_cloned_started_read_and_waited_for()
    {
        var result = await lab.ShellAsync("""
            id=$(cat proc/clone)
            echo "exec /bin/sh -c 'echo hello; echo trouble >&2; exit 3'" > proc/$id/ctl
            cat proc/$id/stdout
            cat proc/$id/stderr
            cat proc/$id/wait | tr ' ' '\n' | grep -E '^(state|cause|shell_code)='
            cat proc/$id/wait | wc -l
            cat proc/$id/args
            """);
        Assert.Equal("hello\ntrouble\nstate=ended\ncause=exit\nshell_code=3\n1\n/bin/sh -c 'echo hello; echo trouble >&2; exit 3'\n", result.Output);
    }

    [Fact]
    public async Task A_session_that_nobody_uses_is_gone_after_its_grace_and_a_persistent_one_is_not()
    {
        var result = await lab.ShellAsync("""
            id=$(cat proc/clone); kept=$(cat proc/clone)
            echo type persistent > proc/$kept/ctl
            for i in $(seq 300); do [ -d proc/$id ] || break; sleep 0.1; done
            [ -d proc/$id ] && echo there || echo gone
            [ -d proc/$kept ] && echo there || echo gone
            echo wipe > proc/$kept/ctl; [ -d proc/$kept ] && echo there || echo gone
            """);
        Assert.Equal("gone\nthere\ngone\n", result.Output);
    }

    [Fact]
    public async Task Input_is_written_by_a_redirection_and_ends_with_it()
    {
        var result = await lab.ShellAsync("""
            id=$(cat proc/clone)
            echo exec sort -n > proc/$id/ctl
            printf '3\n1\n2\n' > proc/$id/stdin
            cat proc/$id/stdout
            """);
        Assert.Equal("1\n2\n3\n", result.Output);
    }

    [Fact]
    public async Task Queries_list_nodes_and_tell_their_status()
    {
        var result = await lab.ShellAsync("""
            ls -d node/query/x86/cpus\>=1/mem\>=16M/kind=cell/n* | wc -l
            cat node/query/os=linux/kind=cell/status | cut -d' ' -f1
            ls node/query/cpus\>=4096 | grep -c '^n[0-9]'
            """);
        Assert.Equal(
            "3\n/node/n2\n/node/n3\n/node/n4\n0\n", result.Output);
    }

    [Fact]
    public async Task One_echo_kills_what_a_query_finds()
    {
        var result = await lab.ShellAsync("""
            for i in 1 2 3; do
              id=$(cat proc/clone); echo type persistent > proc/$id/ctl; echo job victims > proc/$id/ctl; echo exec sleep 300 > proc/$id/ctl
            done
            other=$(cat proc/clone); echo exec sleep 300 > proc/$other/ctl
            cat proc/query/job=victims/status | grep -c state=running
            echo kill > proc/query/user=root/job=victims/ctl
            cat proc/query/job=victims/wait | grep -c signal
            grep -c state=running proc/$other/status
            echo kill > proc/query/user=root/state=running/ctl
            cat proc/$other/wait | grep -c 'KILL\|signal'
            """);
        Assert.Equal("3\n3\n1\n1\n", result.Output);
    }

    [Fact]
    public async Task Three_processes_are_spliced_into_a_pipeline()
    {
        var result = await lab.ShellAsync("""
            a=$(cat proc/clone); b=$(cat proc/clone); c=$(cat proc/clone)
            for id in $a $b $c; do echo type persistent > proc/$id/ctl; done
            echo 'on id=n2' > proc/$a/ctl; echo 'on id=n3' > proc/$b/ctl
            echo 'exec seq 1 1000' > proc/$a/ctl
            echo 'exec grep 7' > proc/$b/ctl
            echo 'exec wc -l' > proc/$c/ctl
            echo "splice /proc/$a 1 0" > proc/$b/ctl
            echo "splice /proc/$b 1 0" > proc/$c/ctl
            cat proc/$c/stdout
            cat proc/$b/topology proc/$c/topology | awk '{ print $NF }'
            """);

        // From node to node of one machine no byte passes a daemon.
        Assert.Equal("271\ndirect\ndirect\n", result.Output);
    }

    [Fact]
    public async Task A_group_is_reserved_started_and_killed_by_its_one_ctl()
    {
        var result = await lab.ShellAsync("""
            g=$(cat proc/clone)
            echo type persistent > proc/$g/ctl
            echo res 3 kind=cell > proc/$g/ctl
            ls proc/$g | grep -E '^[0-9]+$'
            cut -d' ' -f2 proc/$g/topology | sort
            echo "exec /bin/sh -c 'echo \$PEWTER_INDEX; read x; echo got \$x; sleep 300'" > proc/$g/ctl
            echo word > proc/$g/stdin
            for i in $(seq 100); do [ $(timeout 5 head -n 6 proc/$g/stdout | wc -l) = 6 ] && break; done
            timeout 5 head -n 6 proc/$g/stdout | sort
            echo kill > proc/$g/ctl
            cat proc/$g/wait | tr ' ' '\n' | grep -E '^(processes|failed)='
            """);
        Assert.Equal(
            "0\n1\n2\n/node/n2\n/node/n3\n/node/n4\n"
            + "0: 0\n0: got word\n1: 1\n1: got word\n2: 2\n2: got word\nprocesses=3\nfailed=3\n", result.Output);
    }

    [Theory]
    [InlineData("ls |< grep x |#| sort >| uniq -c", "cd / && ls | grep x | sort | uniq -c")]
    [InlineData("ls /usr/bin |< cat | sort -n -r |#| uniq >| sort -n -r | more", "ls /usr/bin | sort -n -r | uniq | more")]
    [InlineData("ls /usr/bin |< grep x |#| sort >| sort | uniq -c", "ls /usr/bin | grep x | sort | uniq -c")]
    [InlineData("cat ./numbers |<3 ./double >| sort -n", "seq 2 2 600")]
    public async Task A_multipipe_gives_what_a_pipe_on_one_machine_gives(string line, string alone)
    {
        var system = lab.System;
        var files = await system.ShellAsync(
            $"cd {system.State}; seq 1 300 > numbers; printf '#!/bin/sh\nwhile read n; do echo $((2 * n)); done\n' > double;"
            + $" export LC_ALL=C; {alone}");
        string[] push = line.Contains("./double", StringComparison.Ordinal)
            ? ["--push", $"{system.State}/numbers", "--push", $"{system.State}/double"] : [];
        var result = await system.RunAsync(["sh", "--env", "LC_ALL=C", "--stats", .. push, "--", line]);
        Assert.Equal(files.Output, result.Output);
        Assert.Contains("pipe 1  1 to", result.Error);
    }

    [Fact]
    public async Task A_file_reaches_nodes_by_clone_data_and_send()
    {
        var result = await lab.ShellAsync("""
            printf '#!/bin/sh\necho pushed $1\n' > ../tool
            b=$(cat blob/clone)
            cat ../tool > blob/$b/data
            echo seal > blob/$b/ctl
            digest=$(sha256sum ../tool | cut -d' ' -f1)
            grep -c "digest=$digest" blob/$b/status
            echo "send /node/n2" > blob/$b/ctl
            id=$(cat proc/clone)
            echo 'on id=n2' > proc/$id/ctl
            echo "exec /run/files/$digest here" > proc/$id/ctl
            cat proc/$id/stdout
            """);
        Assert.Equal("1\npushed here\n", result.Output);
    }

    [Fact]
    public async Task A_wrong_command_is_an_error_of_the_echo()
    {
        var result = await lab.ShellAsync("""
            id=$(cat proc/clone)
            echo exec /no/such/program > proc/$id/ctl || echo refused
            echo frobnicate > proc/$id/ctl || echo refused
            cat proc/$id/ctl | grep -c '^exec'
            """, expectsErrors: true);
        Assert.Equal("refused\nrefused\n1\n", result.Output);
        Assert.Contains("No such file or directory", result.Error);
        Assert.Contains("Invalid argument", result.Error);
    }
}
