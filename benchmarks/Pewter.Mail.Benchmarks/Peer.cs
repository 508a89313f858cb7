using System.Diagnostics;
using System.Globalization;

namespace Pewter.Mail.Benchmarks;

/// <summary>
/// This program again, as the other process of a measurement: told what to be, it talks by lines and ends with its
/// input.
/// </summary>
internal sealed class Peer : IDisposable
{
    private readonly Process _process;

    internal Peer(params object[] words)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var word in words)
            start.ArgumentList.Add(Convert.ToString(word, CultureInfo.InvariantCulture)!);
        _process = Process.Start(start)!;
    }

    internal string Line() => _process.StandardOutput.ReadLine() ?? throw new IOException("The peer has ended.");

    internal void Tell(string line) => _process.StandardInput.WriteLine(line);

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000))
            _process.Kill();
        _process.Dispose();
    }
}
