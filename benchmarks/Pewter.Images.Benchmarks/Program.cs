using Pewter.Images.Benchmarks;

var quick = args.Contains("--quick");
await using var machine = await Machine.StartAsync();
if (machine is null)
{
    Console.Error.WriteLine("The disk server is not built: 'eng/build.sh pewter-blockd' builds it, or PEWTER_BLOCKD names it. Nothing was measured.");
    return 1;
}

await Prefetch.RunAsync(machine, quick ? 3 : 9);
await Changes.RunAsync(machine, quick ? 50 : 300);
await Clones.RunAsync(machine, quick ? 200 : 1000);
return 0;
