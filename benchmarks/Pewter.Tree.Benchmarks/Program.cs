using Pewter.Tree.Benchmarks;

var quick = args.Contains("--quick");
foreach (var row in ObjectLoad.Run(quick))
{
    row.Print();
}

await foreach (var row in PeerLoad.RunAsync(quick))
{
    row.Print();
}
