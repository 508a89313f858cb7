namespace Pewter.Store;

/// <summary>Something queued to the writer; always answered, whatever happens.</summary>
internal abstract class StoreRequest
{
    /// <summary>Answers with a failure.</summary>
    public abstract void Fail(StoreException failure);
}

/// <summary>Something that the writer does between groups.</summary>
internal sealed class ControlRequest<T>(Func<T> action) : StoreRequest, IControlRequest
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _done.Task;

    public override void Fail(StoreException failure) => _done.TrySetException(failure);

    public void Run()
    {
        try
        {
            _done.TrySetResult(action());
        }
        catch (StoreException failure)
        {
            Fail(failure);
        }
    }
}

/// <summary>The part of a <see cref="ControlRequest{T}"/> that the writer sees.</summary>
internal interface IControlRequest
{
    void Run();
}
