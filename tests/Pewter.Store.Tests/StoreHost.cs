using System.Diagnostics;
using System.Text;

namespace Pewter.Store.Tests;

/// <summary>A child process that leads a store and commits without end, to be killed; remembers what it said of each commit.</summary>
internal sealed class StoreHost : IAsyncDisposable
{
    private static int s_count;

    private readonly Process _process;
    private readonly Task _reading;
    private readonly TaskCompletionSource<long> _leads = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _works = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _errors = new();
    private bool _disposed;

    public StoreHost(string backend, string where, int writers = 8)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Pewter.Store.TestHost");
        _process = Process.Start(new ProcessStartInfo(program, [backend, where, Name, $"{writers}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_TieredCompilation"] = "1", ["DOTNET_TC_QuickJitForLoops"] = "1" },
        })!;
        _process.ErrorDataReceived += (_, line) => { lock (_errors) _errors.AppendLine(line.Data); };
        _process.BeginErrorReadLine();
        _reading = ReadAsync();
    }

    /// <summary>Begins every id that it writes.</summary>
    public string Name { get; } = $"h{Interlocked.Increment(ref s_count)}";

    public int Pid => _process.Id;

    /// <summary>Completes with the term when it leads.</summary>
    public Task<long> Leads => _leads.Task;

    /// <summary>Completes at the first commit that was acknowledged.</summary>
    public Task Works => _works.Task;

    /// <summary>Completes at the first commit that failed.</summary>
    public Task FirstFailure => _failed.Task;

    public HashSet<string> Acknowledged { get; } = [];

    public HashSet<string> Refused { get; } = [];

    public List<string> Failures { get; } = [];

    /// <summary>kill -9, then everything that it managed to say.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        if (_process.ExitCode != 128 + 9)
            throw new InvalidOperationException($"The host ended by itself with {_process.ExitCode}: {_errors}");
    }

    /// <summary>Waits for its own end and for everything that it said.</summary>
    public async Task EndAsync()
    {
        await _process.WaitForExitAsync();
        await _reading;
    }

    /// <summary>Stops it between two system calls: when this returns, none of its threads is inside the kernel's disk code.</summary>
    public async Task FreezeAsync()
    {
        await SignalAsync("STOP");
        while (Directory.GetDirectories($"/proc/{Pid}/task").Any(thread => StateOf(thread) != 'T'))
            await Task.Delay(5);
    }

    public Task SignalAsync(string signal) => Shell.RunAsync("kill", $"-{signal}", $"{Pid}");

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (!_process.HasExited)
            _process.Kill();
        await EndAsync();
        _process.Dispose();
    }

    private static char StateOf(string thread)
    {
        var line = File.ReadAllText(Path.Combine(thread, "stat"));
        return line[line.LastIndexOf(')') + 2];
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ', 4);
            switch (words[0])
            {
                case "leads":
                    _leads.TrySetResult(long.Parse(words[1]));
                    break;
                case "+":
                    Acknowledged.Add(words[1]);
                    _works.TrySetResult();
                    break;
                case "-":
                    Refused.Add(words[1]);
                    break;
                case "!":
                    Refused.Add(words[1]);
                    Failures.Add(line);
                    _failed.TrySetResult();
                    break;
                default:
                    Failures.Add(line);
                    _failed.TrySetResult();
                    break;
            }
        }
        _leads.TrySetException(new InvalidOperationException($"The host ended before it led: {_errors}"));
    }
}
