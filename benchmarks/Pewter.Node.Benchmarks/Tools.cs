using System.Diagnostics;
using System.Globalization;

namespace Pewter.Node.Benchmarks;

/// <summary>The C programs, compiled now, and the agent.</summary>
internal sealed class Tools : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("pw-bench-").FullName;

    public Tools()
    {
        Compile("hello", "-static");
        Compile("ceiling", "-pthread");
    }

    public string Hello => Path.Combine(_directory, "hello");

    public string CeilingProgram => Path.Combine(_directory, "ceiling");

    public string Scratch => _directory;

    /// <summary>The published agent; null when it is not.</summary>
    public static string? Agent
    {
        get
        {
            for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
            {
                var path = Path.Combine(directory, "artifacts/pewter-node/pewter-node");
                if (File.Exists(path))
                {
                    return path;
                }
            }

            return null;
        }
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    public double Ceiling(params string[] arguments) =>
        double.Parse(Output(Path.Combine(_directory, "ceiling"), arguments), CultureInfo.InvariantCulture);

    public void Dispose() => Directory.Delete(_directory, true);

    private void Compile(string name, string option) =>
        Output("gcc", "-O2", option, "-o", Path.Combine(_directory, name), Path.Combine(AppContext.BaseDirectory, name + ".c"));

    private static string Output(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{program} failed with {process.ExitCode}");
    }
}
