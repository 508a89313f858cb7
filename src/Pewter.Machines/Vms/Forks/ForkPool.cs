namespace Pewter.Machines.Vms.Forks;

/// <summary>
/// Groups of QEMU processes that were started before anybody asked: one group a shape, made when a machine of that
/// shape first runs. Owns them, and the tasks that make them.
/// </summary>
internal sealed class ForkPool(VmPlace place) : IAsyncDisposable
{
    /// <summary>
    /// Two in a group: whoever forks one machine gets it at once; whoever forks many waits for the processor anyway.
    /// </summary>
    public const int Ahead = 2;

    // Shapes at once. An idle group takes some 30 MB.
    private const int MostShapes = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<VmShape, Task<ForkGroup>> _groups = [];
    private readonly Queue<VmShape> _order = new();
    private readonly CancellationTokenSource _stop = new();
    private bool _isDisposed;

    /// <summary>Sees to it that a group of this shape waits.</summary>
    public void Want(VmShape shape)
    {
        Task<ForkGroup>? old = null;
        lock (_lock)
        {
            if (_isDisposed || _groups.ContainsKey(shape))
            {
                return;
            }

            if (_groups.Count >= MostShapes)
            {
                _groups.Remove(_order.Dequeue(), out old);
            }

            _groups[shape] = Task.Run(() => MakeAsync(shape));
            _order.Enqueue(shape);
        }

        if (old is not null)
        {
            _ = DropAsync(old);
        }
    }

    /// <summary>
    /// An empty group of this shape, which is the caller's; another is begun in its place by <see cref="Want"/>.
    /// </summary>
    public async Task<ForkGroup> TakeAsync(VmShape shape)
    {
        Task<ForkGroup>? ready;
        lock (_lock)
        {
            _groups.Remove(shape, out ready);
            if (ready is not null)
            {
                var others = _order.Where(other => other != shape).ToList();
                _order.Clear();
                others.ForEach(_order.Enqueue);
            }
        }

        if (ready is not null)
        {
            try
            {
                return await ready;
            }
            catch (Exception failure) when (Nodes.NodeFailure.IsExpected(failure) || failure is OperationCanceledException)
            {
                // What kept it from being made will be told by whoever tries now.
            }
        }

        return new ForkGroup(place, shape);
    }

    public async ValueTask DisposeAsync()
    {
        List<Task<ForkGroup>> groups;
        lock (_lock)
        {
            _isDisposed = true;
            groups = [.. _groups.Values];
            _groups.Clear();
        }

        await _stop.CancelAsync();
        foreach (var group in groups)
        {
            await DropAsync(group);
        }

        _stop.Dispose();
    }

    private async Task<ForkGroup> MakeAsync(VmShape shape)
    {
        var group = new ForkGroup(place, shape);
        try
        {
            await group.PrepareAsync(Ahead, null, _stop.Token);
            return group;
        }
        catch
        {
            await group.DisposeAsync();
            throw;
        }
    }

    private static async Task DropAsync(Task<ForkGroup> group)
    {
        try
        {
            await (await group).DisposeAsync();
        }
        catch (Exception failure) when (Nodes.NodeFailure.IsExpected(failure) || failure is OperationCanceledException)
        {
            // It was never made.
        }
    }
}
