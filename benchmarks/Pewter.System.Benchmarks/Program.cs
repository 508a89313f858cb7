using System.Diagnostics;
using System.Globalization;

// The programs as a person runs them: published by eng/build.sh, a state directory of their own.
var root = AppContext.BaseDirectory;
while (!File.Exists(Path.Combine(root, "Pewter.slnx")))
{
    root = Path.GetDirectoryName(root)!;
}

var runs = args.Contains("--quick") ? 7 : 31;
var pewter = Path.Combine(root, "artifacts/pewter/pewter");
var state = Path.Combine(Path.GetTempPath(), $"pw-{Environment.ProcessId}-bench");
Environment.SetEnvironmentVariable("PEWTERD", Path.Combine(root, "artifacts/pewterd/pewterd"));
Environment.SetEnvironmentVariable("PEWTER_STATE", state);
Environment.SetEnvironmentVariable("PEWTER_ETC", state);

var (ups, statuses, rivals, folds) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
var (started, listed, killed) = (0.0, 0.0, 0.0);
var cells = Environment.IsPrivilegedProcess ? args.Contains("--quick") ? 20 : 100 : 0;
try
{
    for (var i = 0; i < Math.Max(5, runs / 4); i++)
    {
        ups.Add(Run(pewter, "up", "--detach", "-q"));
        Run(pewter, "down", "-q");
    }

    Run(pewter, "up", "--detach", "-q");
    for (var i = 0; i < runs; i++)
    {
        statuses.Add(Run(pewter, "status"));
        rivals.Add(Run("/usr/bin/env", "true"));
    }

    if (cells > 0)
    {
        var count = cells.ToString(CultureInfo.InvariantCulture);
        Run(pewter, "node", "alloc", "-n", count, "-q");
        for (var i = 0; i < 7; i++)
        {
            folds.Add(Run(pewter, "run", "-n", count, "--on", "kind=cell", "--fold", "--no-input", "--", "hostname"));
        }

        var processes = (cells * 50).ToString(CultureInfo.InvariantCulture);
        var id = Path.Combine(state, "storm");
        started = Run("/bin/bash", "-c", $"{pewter} spawn -n {processes} --on kind=cell --job storm -- sleep 600 > {id}");
        listed = Run(pewter, "ps", "job=storm");
        killed = Run("/bin/bash", "-c", $"{pewter} write -q /proc/query/job=storm/ctl kill && {pewter} cat /proc/$(cat {id})/wait");
        Run(pewter, "write", "-q", "/node/query/kind=cell/ctl", "release");
    }
}
finally
{
    Run(pewter, "down", "-q");
    Run(pewter, "clean", "-q");
    Directory.Delete(state, recursive: true);
}

Print("system.status", Median(statuses), "env true", Median(rivals), 150, $"median of {runs}, start of the program included");
Print("system.up", Median(ups), "target", 1000, 1000, "pewter up --detach, from nothing to ready");

if (cells > 0)
{
    Print("system.run.fold", Median(folds), "target", 1000, 1000.0 * cells / 100, $"run --fold -- hostname on {cells} cells, start of the program included");
}

if (cells > 0)
{
    var note = $"{cells * 50} processes on {cells} cells, killed by one write and reaped; started in {started / 1000:0.0} s, listed in {listed:0} ms";
    Print("system.storm.kill", killed, "target", 3000, 3000.0 * cells / 100, note);
}

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

static double Run(string program, params string[] words)
{
    var start = new ProcessStartInfo(program, words) { RedirectStandardOutput = true, UseShellExecute = false };
    var began = Stopwatch.GetTimestamp();
    using var process = Process.Start(start)!;
    process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    return process.ExitCode == 0 ? took : throw new InvalidOperationException($"{program} {string.Join(' ', words)} ended with {process.ExitCode}.");
}

static void Print(string id, double ours, string rival, double theirs, double atMost, string note) => Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $$"""{"id":"{{id}}","ours":{{ours:0.0}},"unit":"ms","rival":"{{rival}}","theirs":{{theirs:0.0}},"ratio":{{ours / theirs:0.00}},"target":"<= {{atMost}} ms","pass":{{(ours <= atMost ? "true" : "false")}},"note":"{{note}}"}"""));
