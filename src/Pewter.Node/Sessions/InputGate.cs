using Pewter.Linux;
using Pewter.NineP;

namespace Pewter.Node.Sessions;

/// <summary>
/// Who writes to a session's input, and when the program is told the end: when the last of those who opened it for writing has closed it, or,
/// after <c>eof explicit</c>, only when asked. Opens before the program runs count; their writes wait for it.
/// </summary>
internal sealed class InputGate(NodeProcess process)
{
    private readonly Lock _lock = new();
    private int _writers;
    private bool _endAsked;

    /// <summary>Whether closing stdin after the last writer is left to the owner.</summary>
    internal bool IsExplicit { get; set; }

    internal void Opened()
    {
        lock (_lock)
        {
            _writers++;
        }
    }

    internal async ValueTask ClosedAsync()
    {
        lock (_lock)
        {
            if (--_writers > 0 || IsExplicit)
            {
                return;
            }
        }

        await EndAsync(CancellationToken.None);
    }

    internal async ValueTask<int> WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        await process.Started.WaitAsync(cancellation);
        var pipe = process.Session.Stdin
            ?? throw new FileException(Errno.EPIPE, "The program's input ended when its agent was started again.");
        try
        {
            return await pipe.WriteAsync(data, cancellation);
        }
        catch (LinuxException failure)
        {
            throw failure.ToFile();
        }
    }

    /// <summary>Tells the program the end of its input, now or as soon as it runs.</summary>
    internal ValueTask EndAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            _endAsked = true;
        }

        return process.Session.Stdin is { } pipe ? pipe.CloseAsync(cancellation) : ValueTask.CompletedTask;
    }

    internal void ProgramStarted()
    {
        lock (_lock)
        {
            if (!_endAsked || _writers > 0)
            {
                return;
            }
        }

        process.Session.Stdin?.Dispose();
    }
}
