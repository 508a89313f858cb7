using Pewter.Machines.Benchmarks;

if (!Environment.IsPrivilegedProcess)
{
    Console.Error.WriteLine("Cells need root; nothing was measured.");
    return 0;
}

var quick = args.Contains("--quick");
await using var machine = await Machine.StartAsync();
if (machine is null)
{
    Console.Error.WriteLine("The agent is not built: 'eng/build.sh pewter-node' builds it, or PEWTER_NODE names it. Nothing was measured.");
    return 1;
}

var rows = Environment.GetEnvironmentVariable("PEWTER_BENCH_ROWS") ?? "";
if (rows == "machines.node.list1000")
{
    await LongList.RunAsync(machine);
    return 0;
}

if (!rows.Contains("machines.vm", StringComparison.Ordinal))
{
    await FirstOutput.RunAsync(machine, quick ? 11 : 101);
    await Burst.RunAsync(machine, quick ? 50 : 200);
    await LongList.RunAsync(machine);
}

if (BootedGuest.WhyNot() is { } missing)
{
    Console.Error.WriteLine($"No virtual machines were measured: {missing}");
    return 0;
}

await VmLoad.RunAsync(machine, quick);
return 0;
