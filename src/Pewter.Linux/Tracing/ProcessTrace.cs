using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Tracing;

/// <summary>
/// A process held still for a look at its registers and memory (ptrace(2)). The kernel ties a trace to the thread that began it, so all
/// of its use happens inside <see cref="Inspect{T}"/>.
/// </summary>
public sealed unsafe partial class ProcessTrace
{
    private const int SeizeRequest = 0x4206;
    private const int InterruptRequest = 0x4207;
    private const int DetachRequest = 17;
    private const int GetRegistersRequest = 12;
    private const int WaitAnyThread = 0x40000000;

    private ProcessTrace(int process) => ProcessId = process;

    /// <summary>The process held.</summary>
    public int ProcessId { get; }

    /// <summary>Stops a process, looks at it on a thread of its own, and lets it go on.</summary>
    /// <exception cref="LinuxException">EPERM: it may not be traced. ESRCH: it has ended.</exception>
    public static T Inspect<T>(int process, Func<ProcessTrace, T> look) => OwnThread.Run(() => InspectHere(process, look));

    /// <summary>The general registers.</summary>
    public Registers ReadRegisters()
    {
        var raw = stackalloc ulong[27];
        LinuxException.Check(Call(GetRegistersRequest, ProcessId, 0, (nint)raw), $"read the registers of {ProcessId}");
        return new Registers(new ReadOnlySpan<ulong>(raw, 27));
    }

    /// <summary>
    /// The chain of return addresses found by frame pointers, innermost first; only as deep as the program keeps them.
    /// </summary>
    public IReadOnlyList<ulong> WalkStack(int limit = 64)
    {
        var registers = ReadRegisters();
        var frames = new List<ulong> { registers.InstructionPointer };
        using var memory = File.OpenHandle($"/proc/{ProcessId}/mem");
        Span<byte> pair = stackalloc byte[16];
        for (var frame = registers.FramePointer; frame != 0 && frames.Count < limit;)
        {
            if (!TryReadMemory(memory, frame, pair))
            {
                break;
            }

            var (next, address) = (BitConverter.ToUInt64(pair), BitConverter.ToUInt64(pair[8..]));
            if (address == 0)
            {
                break;
            }

            frames.Add(address);

            // Callers' frames lie higher; anything else is not a frame pointer.
            frame = next > frame ? next : 0;
        }

        return frames;
    }

    private static bool TryReadMemory(SafeFileHandle memory, ulong address, Span<byte> target)
    {
        try
        {
            return address < long.MaxValue && RandomAccess.Read(memory, target, (long)address) == target.Length;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static T InspectHere<T>(int process, Func<ProcessTrace, T> look)
    {
        LinuxException.Check(Call(SeizeRequest, process, 0, 0), $"trace process {process}");
        try
        {
            LinuxException.Check(Call(InterruptRequest, process, 0, 0), $"stop process {process}");
            var status = 0;
            LinuxException.Check(WaitFor(process, &status, WaitAnyThread), $"wait for process {process} to stop");
            var stopped = (status & 0xff) == 0x7f;
            return stopped ? look(new ProcessTrace(process)) : throw new LinuxException(LinuxErrno.ESRCH, $"stop process {process}");
        }
        finally
        {
            _ = Call(DetachRequest, process, 0, 0);
        }
    }

    [LibraryImport(Libc.Name, EntryPoint = "ptrace", SetLastError = true)]
    private static partial nint Call(nint request, nint process, nint address, nint data);

    [LibraryImport(Libc.Name, EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitFor(int process, int* status, int options);
}
