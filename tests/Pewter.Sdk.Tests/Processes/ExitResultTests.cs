using System.Text.Json;

namespace Pewter.Sdk.Tests.Processes;

public sealed class ExitResultTests
{
    [Theory]
    [InlineData("/proc/7 state=ended cause=exit code=6 shell_code=6 wall=0.1s user_cpu=0.02s", ExitCause.Exit, 6, "exited with 6")]
    [InlineData("/proc/7 state=ended cause=signal signal=KILL shell_code=137", ExitCause.Signal, 137, "killed by KILL")]
    [InlineData("/proc/7 state=ended cause=oom shell_code=137 signal=KILL", ExitCause.OutOfMemory, 137, "killed: out of memory")]
    [InlineData("/proc/7 state=ended cause=policy shell_code=143 note=\"its owner is gone\"", ExitCause.Policy, 143, "ended by a rule: its owner is gone")]
    [InlineData("/proc/7 state=ended cause=lost shell_code=255", ExitCause.Lost, 255, "over, how is not known")]
    public void A_line_of_wait_is_read(string line, ExitCause cause, int code, string words)
    {
        var exit = ExitResult.Parse(line);
        Assert.Equal((cause, code, words), (exit.Cause, exit.ShellCode, exit.ToString()));
    }

    [Fact]
    public void The_whole_record_in_a_line_is_read()
    {
        const string Line = """/proc/7 state=ended cause=exit shell_code=3 exit="{\"cause\":\"exit\",\"code\":3,\"user_s\":1.5,\"peak_memory\":4096}" """;
        var exit = ExitResult.Parse(Line);
        Assert.Equal((3, TimeSpan.FromSeconds(1.5), 4096L), (exit.Code!.Value, exit.UserTime, exit.PeakMemoryBytes));
    }

    [Fact]
    public void A_lost_node_is_told_from_an_exit()
    {
        using var record = JsonDocument.Parse("""{"cause":"node-lost","shell_code":255,"note":"/node/n3 is lost"}""");
        var exit = ExitResult.Parse(record.RootElement);
        Assert.Equal("node lost: /node/n3 is lost", exit.ToString());
        Assert.False(exit.IsSuccess);
    }
}
