using System.Threading.Channels;
using Pewter.NineP;
using Pewter.Sdk;

namespace Pewter.CommandLine.Running;

/// <summary>
/// Passes the signals of this program on to a session: Ctrl-C means the program there. Whoever presses it a third time
/// wants it gone, and it is killed. Owns its task; disposing ends it.
/// </summary>
internal sealed class SignalForwarder : IAsyncDisposable
{
    private const string Interrupt = "INT";
    private const string WindowChange = "WINCH";
    private const int InterruptsMax = 3;
    private static readonly string[] Forwarded = [Interrupt, "TERM", "QUIT", "HUP", "USR1", "USR2"];

    private readonly CommandContext _context;
    private readonly ProcessSession _session;
    private readonly Func<Task>? _resized;
    private readonly Channel<string> _signals =
        Channel.CreateBounded<string>(new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly IDisposable? _taken;
    private readonly Task _forwarding;

    /// <summary>Begins to forward.</summary>
    /// <param name="context">Whose signals.</param>
    /// <param name="session">Who gets them.</param>
    /// <param name="resized">Done when the window's size has changed; null when that concerns nobody.</param>
    public SignalForwarder(CommandContext context, ProcessSession session, Func<Task>? resized = null)
    {
        (_context, _session, _resized) = (context, session, resized);
        _taken = context.Host.Signals?.Take(resized is null ? Forwarded : [.. Forwarded, WindowChange], name => _signals.Writer.TryWrite(name));
        _forwarding = ForwardAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _taken?.Dispose();
        _signals.Writer.TryComplete();
        await _forwarding;
    }

    private async Task ForwardAsync()
    {
        var interrupts = 0;
        await foreach (var name in _signals.Reader.ReadAllAsync())
        {
            try
            {
                if (name == WindowChange)
                {
                    await _resized!();
                    continue;
                }

                interrupts += name == Interrupt ? 1 : 0;
                await (interrupts >= InterruptsMax ? _session.KillAsync() : _session.SignalAsync(name, toGroup: true));
            }
            catch (FileException late)
            {
                // Over already, or on some nodes over already; its exit tells.
                if (late.Errno != Errno.ESRCH)
                {
                    _context.Complain($"SIG{name} did not reach all: {late.Message}");
                }
            }
        }
    }
}
