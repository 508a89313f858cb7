using Pewter.Node.Processes;
using Pewter.Tree;

namespace Pewter.Node.Sessions;

/// <summary>An open of a stream: a cursor in the output, a share of the input, or both. Requests on it may come at once.</summary>
internal sealed class StreamOpen : TreeOpen
{
    private readonly Lock _lock = new();
    private readonly OutputReader? _output;
    private readonly InputGate? _input;

    internal StreamOpen(TreeFile file, OutputReader? output, InputGate? input)
        : base(file)
    {
        _output = output;
        _input = input;
        input?.Opened();
    }

    public override bool TryRead(ulong offset, Span<byte> buffer, out int count)
    {
        count = 0;
        if (_output is null)
        {
            return false;
        }

        lock (_lock)
        {
            count = _output.TryRead(buffer);
        }

        return count >= 0;
    }

    public override async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        if (_output is null)
        {
            return await base.ReadAsync(offset, buffer, cancellation);
        }

        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TryRead(offset, buffer.Span, out var count))
            {
                return count;
            }

            await _output.WaitAsync(cancellation);
        }
    }

    public override ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
        _input is null ? base.WriteAsync(offset, data, cancellation) : _input.WriteAsync(data, cancellation);

    protected override async ValueTask CloseAsync()
    {
        _output?.Dispose();
        if (_input is not null)
        {
            await _input.ClosedAsync();
        }
    }
}
