using System.Collections.Concurrent;

namespace Pewter.Node.Serving;

/// <summary>A thread for calls that block, one after another. One that is blocked when it is ended stays so, and does not keep the process.</summary>
internal sealed class BlockingThread
{
    private readonly BlockingCollection<Action> _calls = [];

    public BlockingThread(string name)
    {
        var thread = new Thread(Run) { IsBackground = true, Name = name };
        thread.Start();
    }

    /// <summary>Makes a call there.</summary>
    public Task<int> RunAsync(Func<int> call)
    {
        var result = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls.Add(() =>
        {
            try
            {
                result.SetResult(call());
            }
            catch (Exception failure) when (failure is IOException or ObjectDisposedException)
            {
                result.SetException(failure is IOException ? failure : new IOException("The device was closed.", failure));
            }
        });
        return result.Task;
    }

    /// <summary>Ends it after the calls that were asked for.</summary>
    public void End() => _calls.CompleteAdding();

    private void Run()
    {
        foreach (var call in _calls.GetConsumingEnumerable())
        {
            call();
        }
    }
}
