using System.Text;
using System.Text.RegularExpressions;
using Pewter.Linux;
using Pewter.Linux.Processes;
using Pewter.Linux.Ptys;
using Pewter.Linux.Spawning;

namespace Pewter.System.Tests;

/// <summary>A program at a real terminal, as a person has it: typed at, looked at, resized. Owns both.</summary>
internal sealed class TerminalProgram : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly PseudoTerminal _pair = PseudoTerminal.Open();
    private readonly SpawnedProcess _process;
    private readonly StringBuilder _screen = new();
    private readonly Thread _reading;

    public TerminalProgram(PewterSystem system, params string[] words)
    {
        Resize(33, 101);
        var terminal = Descriptors.Number(_pair.Terminal);
        _process = ProcessSpawner.Spawn(new SpawnOptions
        {
            Path = words[0],
            Arguments = words,
            Environment = [.. system.Variables().Select(pair => $"{pair.Key}={pair.Value}"), "TERM=xterm",
                $"PATH={Environment.GetEnvironmentVariable("PATH")}", "HOME=/root"],
            WorkingDirectory = "/",
            NewSession = true,
            ControllingTerminal = true,
            Descriptors = [new(terminal, 0), new(terminal, 1), new(terminal, 2)],
        });
        _reading = new Thread(Read) { IsBackground = true };
        _reading.Start();
    }

    public bool IsRaw => TerminalMode.IsRaw(_pair.Terminal);

    public string Screen
    {
        get
        {
            lock (_screen)
            {
                return _screen.ToString();
            }
        }
    }

    public void Type(string keys)
    {
        Assert.Equal(keys.Length, Descriptors.Write(Descriptors.Number(_pair.Controller), Encoding.UTF8.GetBytes(keys)));
    }

    public void Resize(ushort rows, ushort columns) => PseudoTerminal.Resize(Descriptors.Number(_pair.Controller), rows, columns);

    public void Signal(string name) => _process.Pidfd.Signal(SignalNames.Parse(name)!.Value);

    public void WaitFor(string pattern) => Until(() => Regex.IsMatch(Screen, pattern), $"the screen to show {pattern}");

    public void WaitUntilRaw() => Until(() => IsRaw, "the terminal to be raw");

    /// <summary>The exit code, when it has ended.</summary>
    public int WaitForExit()
    {
        int? code = null;
        Until(() => (code ??= ProcessWait.TryWait(Descriptors.Number(_process.Pidfd)) is { } end ? end.ExitCode ?? 128 + end.Signal
            : null) is not null, "the end");
        return code!.Value;
    }

    public void Dispose()
    {
        _process.Pidfd.Signal(9);
        _process.Pidfd.Dispose();
        _pair.Dispose();
    }

    private void Until(Func<bool> condition, string what)
    {
        if (!SpinWait.SpinUntil(condition, Patience))
        {
            throw new TimeoutException($"waited for {what}; the screen has: {Screen}");
        }
    }

    private void Read()
    {
        var buffer = new byte[4096];
        while (true)
        {
            var count = _pair.Controller.IsClosed ? 0 : Descriptors.Read(Descriptors.Number(_pair.Controller), buffer);
            if (count <= 0 && count != -LinuxErrno.EINTR)
            {
                return;
            }

            lock (_screen)
            {
                _screen.Append(Encoding.UTF8.GetString(buffer, 0, Math.Max(0, count)));
            }
        }
    }
}
