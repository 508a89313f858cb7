using System.Diagnostics;

namespace Pewter.Mail.Tests.Faults;

/// <summary>A hub, a receiver or a sender as a process of its own, which can be killed.</summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly Process _process;

    internal PeerProcess(params string[] words)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Pewter.Mail.Peer"), words)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        Log = words.Length > 3 ? words[3] : "";
        Ready = ReadyAsync();
    }

    internal string Log { get; }

    /// <summary>What follows the word: a sender's address.</summary>
    internal Task<string> Ready { get; }

    internal bool WasKilled { get; private set; }

    internal void Kill()
    {
        WasKilled = true;
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Ends a sender: it waits until what it has sent has come back or is quiet.</summary>
    internal async Task EndAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        Assert.Equal("done", await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(120)));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task<string> ReadyAsync()
    {
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(120));
        Assert.StartsWith("ready", line, StringComparison.Ordinal);
        return line!.Length > 6 ? line[6..] : "";
    }
}
