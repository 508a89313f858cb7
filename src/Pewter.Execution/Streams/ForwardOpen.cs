using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Execution.Streams;

/// <summary>
/// An open of a session's file that stands for a file on its node. It is opened there when the session has a node, at the latest by the
/// first read or write, which waits for that; so <c>cat stdout</c> may begin before <c>exec</c>.
/// </summary>
internal sealed class ForwardOpen : TreeOpen
{
    private readonly Func<CancellationToken, ValueTask<OpenFile>> _open;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private OpenFile? _inner;

    internal ForwardOpen(TreeFile file, Func<CancellationToken, ValueTask<OpenFile>> open)
        : base(file) => _open = open;

    public override async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        var inner = _inner ?? await OpenAsync(cancellation);
        return inner.TryRead(offset, buffer.Span, out var count) ? count : await inner.ReadAsync(offset, buffer, cancellation);
    }

    public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
        await (_inner ?? await OpenAsync(cancellation)).WriteAsync(offset, data, cancellation);

    /// <summary>Opens it on the node, once.</summary>
    internal async ValueTask<OpenFile> OpenAsync(CancellationToken cancellation)
    {
        await _opening.WaitAsync(cancellation);
        try
        {
            return _inner ??= await _open(cancellation);
        }
        finally
        {
            _opening.Release();
        }
    }

    protected override async ValueTask CloseAsync()
    {
        if (_inner is not null)
        {
            await _inner.DisposeAsync();
        }

        _opening.Dispose();
    }
}
