using System.Runtime.InteropServices;
using Pewter.Linux.Memory;

namespace Pewter.Mail;

/// <summary>
/// A thread that sleeps until it is told to look again. Each thread has one; its word stands in memory that does not
/// move. 0: nothing was told; 1: look again.
/// </summary>
internal sealed unsafe class ThreadWaiter
{
    [ThreadStatic]
    private static ThreadWaiter? s_mine;

    private readonly int* _word = (int*)NativeMemory.AlignedAlloc(64, 64);

    private ThreadWaiter() => *_word = 0;

    ~ThreadWaiter() => NativeMemory.AlignedFree(_word);

    internal static ThreadWaiter Mine => s_mine ??= new ThreadWaiter();

    internal nint Word => (nint)_word;

    internal bool IsSignalled => Volatile.Read(ref *_word) != 0;

    /// <summary>Forgets what was told; before the thread asks to be told.</summary>
    internal void Reset() => Volatile.Write(ref *_word, 0);

    internal void Signal()
    {
        if (Interlocked.Exchange(ref *_word, 1) == 0)
        {
            _ = Futex.Wake(_word);
        }

        GC.KeepAlive(this);
    }

    internal void Wait(TimeSpan timeout)
    {
        if (!IsSignalled)
        {
            Futex.Wait(_word, 0, timeout);
        }
    }
}
