using System.Buffers;
using System.Text;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// An open whose content comes in from many members while it is read. Readers get what is there, by offset, and wait for the rest; the
/// work ends with
/// the open at the latest.
/// </summary>
internal sealed class GatherOpen : BlockingOpen
{
    private readonly CancellationTokenSource _closed = new();
    private readonly ArrayBufferWriter<byte> _content = new();
    private readonly Task _work;
    private bool _isDone;

    /// <summary>Starts to gather.</summary>
    /// <param name="file">The file.</param>
    /// <param name="gather">Adds to the content by its first argument, until all is there.</param>
    public GatherOpen(ServedFile file, Func<Action<string>, CancellationToken, Task> gather)
        : base(file, new Pulse()) => _work = RunAsync(gather);

    /// <inheritdoc/>
    protected override bool TryTake(ulong offset, Span<byte> buffer, out int count)
    {
        var rest = offset < (ulong)_content.WrittenCount ? _content.WrittenSpan[(int)offset..] : default;
        count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        return count > 0 || _isDone;
    }

    /// <inheritdoc/>
    protected override async ValueTask CloseAsync()
    {
        await _closed.CancelAsync();
        await _work;
        _closed.Dispose();
    }

    private async Task RunAsync(Func<Action<string>, CancellationToken, Task> gather)
    {
        try
        {
            await gather(Add, _closed.Token);
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
            // The reader went away before all was there.
        }

        lock (Gate)
        {
            _isDone = true;
        }

        Changed.Fire();
    }

    private void Add(string text)
    {
        lock (Gate)
        {
            Encoding.UTF8.GetBytes(text, _content);
        }

        Changed.Fire();
    }
}
