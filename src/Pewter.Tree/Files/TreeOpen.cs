using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>An open of a <see cref="TreeFile"/>. It keeps the object that the file is part of alive until it is disposed.</summary>
public abstract class TreeOpen : OpenFile
{
    private IHold? _hold;

    /// <summary>Creates the open.</summary>
    protected TreeOpen(ServedFile file)
        : base(file)
    {
    }

    /// <inheritdoc/>
    public sealed override async ValueTask DisposeAsync()
    {
        try
        {
            await CloseAsync();
        }
        finally
        {
            Interlocked.Exchange(ref _hold, null)?.Release();
        }

        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the open: the last call it gets.</summary>
    protected virtual ValueTask CloseAsync() => ValueTask.CompletedTask;

    /// <summary>Takes the hold, once.</summary>
    internal TreeOpen Holding(IHold hold)
    {
        if (Interlocked.CompareExchange(ref _hold, hold, null) is null)
        {
            hold.Acquire();
        }

        return this;
    }
}
