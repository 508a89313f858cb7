using System.Diagnostics;

namespace Pewter.Testing.Hosts;

/// <summary>
/// A host of a <see cref="TestNetwork"/>: a network namespace of its own, the file system of this machine. Owns the programs that it started.
/// </summary>
public sealed class TestHost(string name, string networkNamespace) : IAsyncDisposable
{
    private readonly List<Process> _programs = [];

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>The network namespace, as <c>ip netns</c> calls it.</summary>
    public string Namespace => networkNamespace;

    /// <summary>Runs a bash script there to its end.</summary>
    public Task<ShellResult> RunAsync(string script) =>
        Shell.RunAsync($"exec nsenter --net=/run/netns/{Namespace} bash -c '{script.Replace("'", "'\\''", StringComparison.Ordinal)}'");

    /// <summary>Starts a program there; its output goes to a file. It is killed with the host.</summary>
    public Process Start(string program, IEnumerable<string> words, IReadOnlyDictionary<string, string> variables, string output)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardInput = true };
        foreach (var word in (string[])["-c", "out=$1; shift; exec nsenter --net=\"$1\" -- \"${@:2}\" >>\"$out\" 2>&1", "bash", output,
            $"/run/netns/{Namespace}", program, .. words])
        {
            start.ArgumentList.Add(word);
        }

        foreach (var (key, value) in variables)
        {
            start.Environment[key] = value;
        }

        var process = Process.Start(start)!;
        _programs.Add(process);
        return process;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs)
        {
            if (!program.HasExited)
            {
                program.Kill(entireProcessTree: true);
            }

            await program.WaitForExitAsync();
            program.Dispose();
        }
    }
}
