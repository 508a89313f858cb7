using System.Text.RegularExpressions;
using Pewter.Testing;

namespace Pewter.Blocks.Tests.Iscsi;

/// <summary>Runs iscsi-test-cu and reads the verdict of each of its tests.</summary>
internal sealed partial class ConformanceRun
{
    private readonly Dictionary<string, bool> _passed = [];
    private readonly HashSet<string> _skipped = [];

    public IReadOnlyCollection<string> Tests => _passed.Keys;

    /// <summary>Tests that failed, or that the suite skipped.</summary>
    public IEnumerable<string> Exceptions => Tests.Where(t => !_passed[t] || _skipped.Contains(t));

    public static async Task<ConformanceRun> StartAsync(string tests, string url)
    {
        if ((await Shell.RunAsync("command -v iscsi-test-cu")).ExitCode != 0)
            Assert.Skip("skipped, because iscsi-test-cu (libiscsi-bin) is not installed");
        ShellResult result = await Shell.RunAsync($"timeout 55 iscsi-test-cu --dataloss --verbose --test={tests} {url} {url}");
        var run = new ConformanceRun();
        run.Read(result.Output + result.Errors);
        return run;
    }

    private void Read(string output)
    {
        string suite = "", test = "";
        foreach (string line in output.Split('\n'))
        {
            if (SuiteLine().Match(line) is { Success: true } suiteMatch)
                suite = suiteMatch.Groups[1].Value;
            if (TestLine().Match(line) is { Success: true } testMatch)
            {
                test = $"{suite}.{testMatch.Groups[1].Value}";
                _passed[test] = false;
            }
            if (test.Length == 0)
                continue;
            if (line.Contains("[SKIPPED]") || line.Contains("Skipping test"))
                _skipped.Add(test);
            if (Passed().IsMatch(line))
                _passed[test] = true;
        }
    }

    [GeneratedRegex(@"^Suite: (\S+)")]
    private static partial Regex SuiteLine();

    [GeneratedRegex(@"^  Test: (\S+) \.\.\.")]
    private static partial Regex TestLine();

    [GeneratedRegex(@"(^|\.\.\.)passed")]
    private static partial Regex Passed();
}
