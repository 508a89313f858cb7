using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Ptys;

/// <summary>A terminal whose other side a program sits at (pty(7)). Both ends are closed on exec.</summary>
public sealed unsafe class PseudoTerminal : IDisposable
{
    private const int ReadWriteNoControl = 0x102;
    private const nuint UnlockRequest = 0x40045431;
    private const nuint PeerRequest = 0x5441;
    private const nuint SetWindowSize = 0x5414;

    private PseudoTerminal(SafeFileHandle controller, SafeFileHandle terminal)
    {
        Controller = controller;
        Terminal = terminal;
    }

    /// <summary>Our end: what is written here is typed, what is read here was printed.</summary>
    public SafeFileHandle Controller { get; }

    /// <summary>The program's end: its stdin, stdout and stderr. Close it here once the program has it.</summary>
    public SafeFileHandle Terminal { get; }

    /// <summary>Opens a pair.</summary>
    public static PseudoTerminal Open(string multiplexer = "/dev/ptmx")
    {
        var controller = Descriptors.Own(Descriptors.Open(multiplexer, ReadWriteNoControl));
        try
        {
            var unlocked = 0;
            LinuxException.Check(Libc.Ioctl(controller.Number(), UnlockRequest, (nint)(&unlocked)), "unlock a terminal");
            const int CloseOnExec = 0x80000;
            var terminal = LinuxException.Check(
                Libc.Ioctl(controller.Number(), PeerRequest, ReadWriteNoControl | CloseOnExec), "open a terminal");
            return new PseudoTerminal(controller, Descriptors.Own(terminal));
        }
        catch (LinuxException)
        {
            controller.Dispose();
            throw;
        }
    }

    /// <summary>Tells the program its window's size; it gets SIGWINCH.</summary>
    public static void Resize(int controller, ushort rows, ushort columns)
    {
        var size = stackalloc ushort[4] { rows, columns, 0, 0 };
        LinuxException.Check(Libc.Ioctl(controller, SetWindowSize, (nint)size), "resize a terminal");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Controller.Dispose();
        Terminal.Dispose();
    }
}
