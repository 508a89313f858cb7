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

    /// <summary>Starts a daemon that stays in the foreground; its messages go nowhere.</summary>
    public static Process Start(string program, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Ends a daemon and what it started.</summary>
    public static void End(Process process)
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }

    /// <summary>Calls an action over and over from several threads; gives calls a second.</summary>
    public static double Rate(int atOnce, TimeSpan length, Action action)
    {
        var clock = Stopwatch.StartNew();
        var count = 0L;
        var threads = Enumerable.Range(0, atOnce).Select(_ => new Thread(() =>
        {
            while (clock.Elapsed < length)
            {
                action();
                Interlocked.Increment(ref count);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return count / clock.Elapsed.TotalSeconds;
    }

    /// <summary>What a program prints, or null when it fails.</summary>
    public static string? TryOutput(string program, params string[] arguments)
    {
        try
        {
            return Output(program, arguments);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public static string Output(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{program} failed with {process.ExitCode}");
    }
}
