using System.Runtime.InteropServices;
using Pewter.Sdk;

namespace Pewter.Native;

/// <summary>Waiting for processes.</summary>
internal static unsafe class WaitExports
{
    [UnmanagedCallersOnly(EntryPoint = "pewter_wait")]
    internal static int Wait(long process, long timeoutMilliseconds, nint exit) => (int)Failures.Guard(() =>
    {
        var waited = Handles.Get<Process>(process);
        var end = timeoutMilliseconds < 0 ? waited.Wait() : waited.Wait(TimeSpan.FromMilliseconds(timeoutMilliseconds));
        return Told(process, end, exit) == 0 ? 0 : 1;
    });

    [UnmanagedCallersOnly(EntryPoint = "pewter_wait_any")]
    internal static long WaitAny(long* processes, int n, long timeoutMilliseconds, nint exit)
    {
        var handles = new ReadOnlySpan<long>(processes, Math.Max(0, n)).ToArray();
        return Failures.Guard(() =>
        {
            var all = handles.Where(handle => handle != 0).Select(handle => (Handle: handle, Process: Handles.Get<Process>(handle))).ToList();
            var ended = Blocking.WaitAny(all.Select(one => one.Process), timeoutMilliseconds < 0 ? null
                : TimeSpan.FromMilliseconds(timeoutMilliseconds));
            return ended is null ? 0 : Told(all.First(one => one.Process == ended).Handle, ended.Exit, exit);
        });
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_wait_next")]
    internal static long WaitNext(long group, long timeoutMilliseconds, nint exit) => Failures.Guard(() =>
    {
        var native = Handles.Get<NativeGroup>(group);
        var ended = timeoutMilliseconds < 0 ? native.Group.WaitAny() : native.Group.WaitAny(TimeSpan.FromMilliseconds(timeoutMilliseconds));
        return ended is null ? 0 : Told(native.Members[ended.Index], ended.Exit, exit);
    });

    [UnmanagedCallersOnly(EntryPoint = "pewter_wait_all")]
    internal static int WaitAll(long group, long timeoutMilliseconds, nint exits, int n) => (int)Failures.Guard(() =>
    {
        var native = Handles.Get<NativeGroup>(group);
        var ends = timeoutMilliseconds < 0 ? native.Group.WaitAll() : native.Group.WaitAll(TimeSpan.FromMilliseconds(timeoutMilliseconds));
        if (ends is null)
        {
            return 0;
        }

        // The size in the first element is that of all.
        var step = exits == 0 ? 0 : NativeExit.SizeOf(exits);
        for (var i = 0; i < Math.Min(n, ends.Count) && exits != 0; i++)
        {
            *(nuint*)(exits + i * step) = (nuint)step;
            NativeExit.Write(exits + i * step, native.Members[i], ends[i]);
        }

        return 1;
    });

    private static long Told(long process, ExitResult? end, nint exit)
    {
        if (end is null)
        {
            return 0;
        }

        NativeExit.Write(exit, process, end);
        return process;
    }
}
