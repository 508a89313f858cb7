using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Execution.Streams;

/// <summary>
/// An open of the input of a group: given to every process, or dealt out record (line) by record in turn. A process whose input is closed is
/// passed over; when none takes any more, the write fails with EPIPE.
/// </summary>
internal sealed class FanOutOpen : TreeOpen
{
    private readonly IReadOnlyList<ForwardOpen> _targets;
    private readonly bool[] _closed;
    private readonly bool _deals;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly List<byte> _unfinished = [];
    private int _next;

    internal FanOutOpen(TreeFile file, IReadOnlyList<ForwardOpen> targets, bool deals)
        : base(file) => (_targets, _closed, _deals) = (targets, new bool[targets.Count], deals);

    public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            // From here on it is given out whole: half a record at half of the processes could not be taken back.
            if (_deals)
            {
                await DealAsync(data);
            }
            else
            {
                await Task.WhenAll(Enumerable.Range(0, _targets.Count).Select(index => GiveAsync(index, data)));
            }

            return _closed.All(closed => closed) ? throw new FileException(Errno.EPIPE, $"{((TreeFile)File).Path}: no process reads any more.") : data.Length;
        }
        finally
        {
            _writing.Release();
        }
    }

    protected override async ValueTask CloseAsync()
    {
        if (_unfinished.Count > 0)
        {
            await DealRecordAsync(_unfinished.ToArray());
        }

        await Task.WhenAll(_targets.Select(target => target.DisposeAsync().AsTask()));
        _writing.Dispose();
    }

    private async Task DealAsync(ReadOnlyMemory<byte> data)
    {
        while (data.Span.IndexOf((byte)'\n') is >= 0 and var length)
        {
            _unfinished.AddRange(data.Span[..(length + 1)]);
            await DealRecordAsync(_unfinished.ToArray());
            _unfinished.Clear();
            data = data[(length + 1)..];
        }

        _unfinished.AddRange(data.Span);
    }

    private async Task DealRecordAsync(byte[] record)
    {
        for (var tried = 0; tried < _targets.Count; tried++)
        {
            var index = _next++ % _targets.Count;
            if (!_closed[index] && await GiveAsync(index, record))
            {
                return;
            }
        }
    }

    private async Task<bool> GiveAsync(int index, ReadOnlyMemory<byte> data)
    {
        if (_closed[index])
        {
            return false;
        }

        try
        {
            while (!data.IsEmpty)
            {
                data = data[await _targets[index].WriteAsync(0, data, CancellationToken.None)..];
            }

            return true;
        }
        catch (FileException)
        {
            _closed[index] = true;
            return false;
        }
    }
}
