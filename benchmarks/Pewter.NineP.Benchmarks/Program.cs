// Pewter's 9P server beside diod, each in its own process behind a Unix socket, driven by the same raw load generator.
//   Pewter.NineP.Benchmarks [--quick]     prints one JSON line a row
//   Pewter.NineP.Benchmarks serve SOCKET  is the server under test
using Pewter.NineP.Benchmarks;

if (args is ["serve", var socket])
    return await OurServer.RunAsync(socket);

var quick = args.Contains("--quick");
var seconds = double.TryParse(args.SkipWhile(arg => arg != "--seconds").Skip(1).FirstOrDefault(), out var given) ? given : quick ? 0.3 : 1.0;
using var rivals = Rivals.Start();
var raw = new Dictionary<string, double>();
foreach (var row in Measurement.Run(rivals, quick ? 3 : 5, TimeSpan.FromSeconds(seconds)))
{
    raw[row.Id] = row.Ours;
    Console.WriteLine(row.ToJson());
}

foreach (var callers in (int[])[1, 32])
{
    var row = await ClientMeasurement.RunAsync(rivals.Ours, callers, TimeSpan.FromSeconds(seconds), raw[$"ninep.getattr.depth{callers}"]);
    Console.WriteLine(row.ToJson());
}

return 0;
