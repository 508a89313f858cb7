using Pewter.Node.Benchmarks;

var quick = args.Contains("--quick");
var only = args.FirstOrDefault(argument => !argument.StartsWith("--", StringComparison.Ordinal));
var rounds = quick ? 3 : 5;
using var tools = new Tools();
ThreadPool.SetMinThreads(8, 8);

if (only is null or "launch")
{
    var length = TimeSpan.FromSeconds(quick ? 1 : 3);
    var seconds = length.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
    var ours = new List<double>();
    var theirs = new List<double>();
    _ = new LaunchLoad(tools, 32).Run(TimeSpan.FromSeconds(1));
    for (var round = 0; round < rounds; round++)
    {
        theirs.Add(tools.Ceiling("launch", tools.Hello, "2", seconds));
        ours.Add(new LaunchLoad(tools, 32).Run(length));
    }

    Print(Row.AtLeast("node.launch", Tools.Median(ours), "launches/s", "C posix_spawn", Tools.Median(theirs), 0.65, "32 at once, exit records synced"));
}

if (only is null or "rivals")
{
    var length = TimeSpan.FromSeconds(quick ? 2 : 5);
    var ours = new LaunchLoad(tools, 32).Run(length);
    if (SshRival.IsThere)
    {
        using var ssh = new SshRival(tools);
        Print(Row.AtLeast("node.launch.ssh", ours, "launches/s", "ssh localhost", ssh.Run(tools.Hello, 4, length), 20, "a connection each, 4 at once"));
    }

    if (SlurmRival.IsThere)
    {
        using var slurm = new SlurmRival(tools);
        Print(Row.AtLeast("node.launch.slurm", ours, "launches/s", "srun", slurm.Run(tools.Hello, 8, length), 10, "8 at once"));
    }
}

if (Tools.Agent is not { } agent)
{
    Console.Error.WriteLine("The agent is not published: run eng/build.sh pewter-node for the other rows.");
    return 0;
}

Print(Row.AtMost("node.agent.size", new FileInfo(agent).Length / 1e6, "MB", 4));
if (only is null or "cell")
{
    await using var load = new CellLoad(tools, agent);
    var (start, end) = await load.OneByOneAsync(quick ? 11 : 31);
    Print(Row.AtMost("node.cell.start", start, "ms", 30, $"from nothing to the first program's output, p50; destroyed in {end:0.0} ms"));
    var (seconds, resident) = await load.ManyAsync(quick ? 50 : 200, 4);
    Print(Row.AtMost("node.cells.many", seconds, "s", quick ? 1.25 : 5, quick ? "50 cells" : "200 cells"));
    Print(Row.AtMost("node.cell.resident", resident, "MB", 10));
}

if (only is null or "host")
{
    await using var one = new HostLoad(tools, agent, "one");
    await using var two = new HostLoad(tools, agent, "two");
    await (await AgentClient.OpenAsync(one.Socket)).DisposeAsync();
    await (await AgentClient.OpenAsync(two.Socket)).DisposeAsync();
    await Task.Delay(500);
    var (worker, guardian) = one.Resident();
    Print(Row.AtMost("node.agent.resident", worker, "MB", 10, $"idle; its guardian has {guardian:0.0} MB"));
    var bytes = quick ? 256L << 20 : 4L << 30;
    var ours = new List<double>();
    var theirs = new List<double>();
    for (var round = 0; round < rounds; round++)
    {
        theirs.Add(tools.Ceiling("pair", $"{bytes}") / 1e6);
        ours.Add(await HostLoad.SpliceAsync(tools.CeilingProgram, one, two, bytes) / 1e6);
    }

    Print(Row.AtLeast("node.splice", Tools.Median(ours), "MB/s", "socket pair", Tools.Median(theirs), 0.5));
}

return 0;

static void Print(Row row) => Console.WriteLine(row.ToJson());
