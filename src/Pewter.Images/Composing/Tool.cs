using System.ComponentModel;
using System.Diagnostics;
using Pewter.NineP;

namespace Pewter.Images.Composing;

/// <summary>Runs programs of the system to their end. What goes wrong is a failure with what the program said last.</summary>
internal static class Tool
{
    // The last lines say what was wrong; a whole log would hide it.
    private const int LinesKept = 6;

    /// <summary>Runs a program; returns what it printed.</summary>
    /// <param name="package">The Debian package that has the program.</param>
    /// <param name="program">The program, found in PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <param name="input">What it reads; null: nothing.</param>
    /// <param name="variables">Variables of its environment beside ours.</param>
    public static async ValueTask<string> RunAsync(
        string package, string program, IEnumerable<string> arguments, CancellationToken cancellation, string? input = null,
        IReadOnlyDictionary<string, string>? variables = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
            Environment = { ["LC_ALL"] = "C.UTF-8", ["DEBIAN_FRONTEND"] = "noninteractive" },
        };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Start(package, start);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var error = process.StandardError.ReadToEndAsync(cancellation);
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), cancellation);
            }

            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0 ? await output : throw new FileException(
                Errno.EIO, $"{program} ended with code {process.ExitCode}: {LastLines(await error is { Length: > 0 } said ? said : await output)}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Start(string package, ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new FileException(Errno.ENOENT, $"{start.FileName} is not installed: 'apt-get install {package}'.", missing);
        }
    }

    private static string LastLines(string text) =>
        string.Join(" | ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(LinesKept));
}
