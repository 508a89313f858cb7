using System.Globalization;
using Pewter.Sdk;
using Pewter.Sdk.Piping;

// Counts the words of files over the nodes of a system: the lines are dealt out, each node cuts its share into words, and a hash brings the same words
// together where they are counted. usage: wordcount [--top N] [--degree N] [FILE…]
var files = new List<string>();
var (top, degree) = (int.MaxValue, 4);
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--top": top = int.Parse(args[++i], CultureInfo.InvariantCulture); break;
        case "--degree": degree = int.Parse(args[++i], CultureInfo.InvariantCulture); break;
        default: files.Add(Path.GetFullPath(args[i])); break;
    }
}

if (files.Count == 0)
{
    files.AddRange(Directory.GetFiles("/usr/share/common-licenses").Order(StringComparer.Ordinal));
}

var quoted = string.Join(' ', files.Select(file => $"'{file.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
var line = $"cat {quoted} |< tr -cs A-Za-z '\\n' | grep . |#| sort | uniq -c >| sort -k1,1nr -k2";
var options = new PipelineOptions { Degree = degree, Environment = new Dictionary<string, string> { ["LC_ALL"] = "C" } };

await using var client = await PewterClient.ConnectAsync();
await using var run = await PipelineRun.StartAsync(client, PipelinePlan.Make(line, options), options);
using var output = new MemoryStream();
var exits = await run.RunAsync(Stream.Null, output);
for (var stage = 0; stage < exits.Count; stage++)
{
    foreach (var (exit, instance) in exits[stage].Select((exit, instance) => (exit, instance)).Where(end => !end.exit.IsSuccess))
    {
        Console.Error.WriteLine($"stage {stage + 1} '{run.Plan.Stages[stage].Text}', instance {instance}: {exit}");
    }
}

output.Position = 0;
using var counts = new StreamReader(output);
for (var i = 0; i < top && counts.ReadLine() is { } count; i++)
{
    Console.WriteLine(count);
}

foreach (var (edge, number) in run.Edges.Select((edge, number) => (edge, number)).Where(item => !item.edge.IsSpliced))
{
    Console.Error.WriteLine($"pipe {number + 1}: {edge.Records} records, {edge.Bytes} bytes, by instance {string.Join(' ', edge.RecordsByLane)}");
}

return exits[^1][0].ShellCode;
