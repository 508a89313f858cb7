namespace Pewter.CommandLine.Tests;

public sealed class NodeCommandTests
{
    private const string One = """
        {"path":"/node/n2","id":"n2","name":"web","user":"ann","state":"ready","kind":"cell","labels":["gpu","rack=3"],"cpus":0.5,"mem":268435456,"load":0.24}
        """;

    private readonly CommandTester _pewter = new();
    private readonly List<string> _written = [];

    public NodeCommandTests()
    {
        var node = _pewter.Root.Add(new MemoryDirectory(7, "node"));
        node.Add(new MemoryText(8, "ctl", "", Answer));
        node.Add(new MemoryText(9, "json", $"[{One}]\n"));
        var ready = node.Add(new MemoryDirectory(10, "query")).Add(new MemoryDirectory(11, "state=ready")).Add(new MemoryDirectory(12, "mem>=4G"));
        ready.Add(new MemoryText(13, "json", "[]\n"));
        ready.Add(new MemoryText(14, "ctl", "", Answer));
        var first = node.Add(new MemoryDirectory(15, "n2"));
        first.Add(new MemoryText(16, "json", One));
        first.Add(new MemoryText(17, "boot", "phase=cell start=2030-01-01T00:00:00.000Z took=0.012s\n"));
        first.Add(new MemoryText(18, "ctl", "", Answer));
    }

    [Theory]
    [InlineData(
        "node list",
        "NODE  NAME  KIND  STATE  USER  CPUS  MEM   USED  LOAD  LEASE  LABELS      CAUSE\n"
        + "n2    web   cell  ready  ann   0.5   256M        0.2          gpu rack=3\n")]
    [InlineData("node list -o name", "/node/n2\n")]
    [InlineData("node list state=ready mem>=4G", "")]
    [InlineData("node alloc -n 2 --mem 256Mi --lease 10m -l gpu", "NODE  NAME  STATE  TOOK\nn3          ready  12 ms\n")]
    [InlineData("node alloc -o name", "/node/n3\n")]
    [InlineData("node release n2", "/node/n3\n")]
    [InlineData("node release -q state=ready -q mem>=4G", "/node/n3\n")]
    public async Task A_command_prints_its_data(string commandLine, string expected)
    {
        var result = await _pewter.RunAsync(commandLine);
        Assert.Equal(("", 0), (result.Messages, result.ExitCode));
        Assert.Equal(expected, result.Output);
    }

    [Theory]
    [InlineData("node alloc", "alloc n=1 kind=cell\n")]
    [InlineData("node alloc -n 8 -k vm --name web --cpu 2 --pids 50 --root /srv --set image=debian -l gpu -l rack=3",
        "alloc n=8 kind=vm name=web cpu=2 pids=50 root=/srv image=debian gpu rack=3\n")]
    [InlineData("node rename n2 web", "rename web\n")]
    [InlineData("node rename n2", "rename\n")]
    [InlineData("node label n2 big --remove gpu", "label big -gpu\n")]
    [InlineData("node lease 10m n2", "lease 10m\n")]
    public async Task A_command_is_a_line_to_a_ctl(string commandLine, string line)
    {
        await _pewter.RunAsync(commandLine);
        Assert.Equal([line], _written);
        _written.Clear();
        var dry = await _pewter.RunAsync(commandLine + " --dry-run");
        Assert.Empty(_written);
        Assert.Contains(line.Trim(), dry.Messages);
    }

    [Theory]
    [InlineData("node release", 2, "name the nodes, or give a --query")]
    [InlineData("node release n2 -q gpu", 2, "not both")]
    [InlineData("node label n2", 2, "labels to add")]
    [InlineData("node relase n2", 2, "Did you mean 'release'?")]
    [InlineData("node rename n2 fail", 1, "/node/n3: it is taken")]
    [InlineData("node show n9", 1, "there is no such file")]
    public async Task A_failure_is_one_sentence_and_a_code(string commandLine, int exitCode, string sentence)
    {
        var result = await _pewter.RunAsync(commandLine);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(sentence, result.Messages);
    }

    [Fact]
    public async Task Show_tells_the_phases()
    {
        var result = await _pewter.RunAsync("node show n2");
        Assert.Contains("state   ready\n", result.Output);
        Assert.EndsWith("phase=cell start=2030-01-01T00:00:00.000Z took=0.012s\n", result.Output);
    }

    private string Answer(string command)
    {
        _written.Add(command);
        return command.Contains("fail", StringComparison.Ordinal)
            ? """{"ok":false,"target":"/node/n3","errno":17,"error":"it is taken"}""" + "\n"
            : """{"ok":true,"target":"/node/n3","id":"n3","state":"ready","took":0.012}""" + "\n";
    }
}
