using Pewter.Distribution.Benchmarks;

if (!Environment.IsPrivilegedProcess)
{
    Console.Error.WriteLine("Cells need root; nothing was measured.");
    return 0;
}

var quick = args.Contains("--quick");
var (gateways, cells, rounds) = quick ? (4, 4, 3) : (8, 8, 5);
var (flat, loop) = (new List<double>(), new List<double>());
await using (var fleet = await Fleet.StartAsync(gateways, cells, middle: 0))
{
    await FanOut.DownTheTreeAsync(fleet);
    await FanOut.OneByOneAsync(fleet, 1);
    for (var i = 0; i < rounds; i++)
    {
        flat.Add(await FanOut.DownTheTreeAsync(fleet));
        loop.Add(await FanOut.OneByOneAsync(fleet, gateways));
    }
}

var (ours, theirs) = (Row.Median(flat), Row.Median(loop));
Row.Print(
    "distribution.fanout", ours, "one by one", theirs, theirs / ours, ">= 3x", theirs / ours >= 3,
    $"18 MB to {gateways * cells} cells in {gateways} gateways on this one machine, upload included");

var deep = new List<double>();
await using (var fleet = await Fleet.StartAsync(gateways, cells, middle: 1))
{
    await FanOut.DownTheTreeAsync(fleet);
    for (var i = 0; i < rounds; i++)
    {
        deep.Add(await FanOut.DownTheTreeAsync(fleet));
    }
}

var deeper = Row.Median(deep);
Row.Print(
    "distribution.level", deeper, "without the level", ours, deeper / ours, "<= 1.2x", deeper / ours <= 1.2,
    "the same cells behind one more machine, whose work is done by the same processors");
return 0;
