using System.Runtime.InteropServices;

namespace Pewter.Linux.Spawning;

/// <summary>What <see cref="SpawnStub"/> runs: clone3's arguments, then the steps. The layout is known to the stub.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SpawnHeader
{
    // struct clone_args of linux/sched.h, 88 bytes.
    public ulong Flags;
    public int* Pidfd;
    public int* ChildThread;
    public int* ParentThread;
    public ulong ExitSignal;
    public void* Stack;
    public ulong StackSize;
    public ulong ThreadLocalStorage;
    public void* SetThread;
    public ulong SetThreadCount;
    public ulong Cgroup;

    public nint StepCount;
    public SyscallStep* Steps;

    /// <summary>One more than the index of the step that failed; 0 while none has.</summary>
    public nint FailedStep;

    /// <summary>The negative errno of that step.</summary>
    public nint FailedResult;

    public ulong AllSignals;
    public ulong SavedSignals;
}
