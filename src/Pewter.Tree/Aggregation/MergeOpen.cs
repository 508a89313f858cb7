using System.Text;
using System.Threading.Channels;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// An open that gives whole lines of many members as they come, never mixed within a line. Each member has a pump that waits while the
/// reader is behind; a
/// write starts them anew. The pumps end with the open.
/// </summary>
internal sealed class MergeOpen : BlockingOpen
{
    /// <summary>Lines waiting for the reader, of all members together.</summary>
    private const int MostLines = 256;

    private readonly Action<string> _check;
    private readonly IReadOnlyList<Func<MergePump, Task>> _pumps;
    private readonly TimeSpan _deadline;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _restart = new(1, 1);
    private CancellationTokenSource _stop = new();
    private Channel<string> _lines = Channel.CreateBounded<string>(MostLines);
    private Task _pumping = Task.CompletedTask;
    private ReadOnlyMemory<byte> _rest;

    private MergeOpen(
        ServedFile file, Action<string> check, IReadOnlyList<Func<MergePump, Task>> pumps, TimeSpan deadline, TimeProvider time)
        : base(file, new Pulse()) => (_check, _pumps, _deadline, _time) = (check, pumps, deadline, time);

    /// <summary>
    /// Opens, and waits until every member that answers within the deadline is followed, so that what happens after the open is not
    /// missed.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="check">Refuses what must not be written.</param>
    /// <param name="pumps">The pumps.</param>
    /// <param name="deadline">How long to wait for members; those that are late are followed all the same.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async ValueTask<OpenFile> StartAsync(
        ServedFile file, Action<string> check, IReadOnlyList<Func<MergePump, Task>> pumps, TimeSpan deadline, TimeProvider time,
        CancellationToken cancellation)
    {
        var open = new MergeOpen(file, check, pumps, deadline, time);
        try
        {
            await open.BeginAsync(null, cancellation);
        }
        catch
        {
            await open.DisposeAsync();
            throw;
        }

        return open;
    }

    /// <inheritdoc/>
    protected override bool TryTake(ulong offset, Span<byte> buffer, out int count)
    {
        count = 0;
        while (count < buffer.Length && (!_rest.IsEmpty || TryNext()))
        {
            var taken = Math.Min(_rest.Length, buffer.Length - count);
            _rest.Span[..taken].CopyTo(buffer[count..]);
            _rest = _rest[taken..];
            count += taken;
        }

        return count > 0 || _lines.Reader.Completion.IsCompleted;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        var text = Utf8Text.Decode(data.Span);
        _check(text);
        await _restart.WaitAsync(cancellation);
        try
        {
            await EndAsync();
            await BeginAsync(text, CancellationToken.None);
        }
        finally
        {
            _restart.Release();
        }

        return data.Length;
    }

    /// <inheritdoc/>
    protected override async ValueTask CloseAsync()
    {
        await EndAsync();
        _stop.Dispose();
        _restart.Dispose();
    }

    private bool TryNext()
    {
        var found = _lines.Reader.TryRead(out var line);
        _rest = found ? Encoding.UTF8.GetBytes(line + "\n") : default;
        return found;
    }

    private async Task BeginAsync(string? written, CancellationToken cancellation)
    {
        var lines = Channel.CreateBounded<string>(MostLines);
        var stop = new CancellationTokenSource();
        lock (Gate)
        {
            _stop.Dispose();
            (_lines, _rest, _stop) = (lines, default, stop);
        }

        var all = _pumps.Select(pump => Start(pump, written, lines.Writer, stop.Token)).ToList();
        _pumping = CompleteAsync(all.Select(started => started.Done), lines.Writer);
        try
        {
            await Task.WhenAll(all.Select(started => started.Subscribed)).WaitAsync(_deadline, _time, cancellation);
        }
        catch (TimeoutException)
        {
            // A silent member is followed as soon as it answers.
        }
    }

    private (Task Subscribed, Task Done) Start(
        Func<MergePump, Task> pump, string? written, ChannelWriter<string> lines, CancellationToken stop)
    {
        var subscribed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (subscribed.Task, RunAsync());

        async Task RunAsync()
        {
            try
            {
                await pump(new(written, Add, () => subscribed.TrySetResult(), stop));
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The reader went away or wants something else.
            }

            subscribed.TrySetResult();
        }

        async ValueTask Add(string line)
        {
            await lines.WriteAsync(line, stop);
            Changed.Fire();
        }
    }

    private async Task CompleteAsync(IEnumerable<Task> pumps, ChannelWriter<string> lines)
    {
        await Task.WhenAll(pumps);
        lines.Complete();
        Changed.Fire();
    }

    private async ValueTask EndAsync()
    {
        await _stop.CancelAsync();
        await _pumping;
    }
}
