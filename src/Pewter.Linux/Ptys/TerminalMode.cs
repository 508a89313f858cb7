using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Ptys;

/// <summary>
/// The terminal that this program itself sits at, made raw: every key is a byte to be read, Ctrl-C included, and nothing is echoed (termios(3),
/// cfmakeraw). Disposing it gives the terminal back as it was; doing so twice does no harm. Used by one owner.
/// </summary>
public sealed unsafe class TerminalMode : IDisposable
{
    private const nuint GetAttributes = 0x5401;
    private const nuint SetAttributesDrained = 0x5403;
    private const nuint GetWindowSize = 0x5413;

    // The kernel's struct termios on every architecture with its generic layout: four words of flags, the line discipline, 19 characters.
    private const int AttributeBytes = 36;
    private const int FirstCharacter = 17;
    private const int MinimumIndex = 6;
    private const int TimeIndex = 5;

    // IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON; OPOST; CSIZE PARENB; ECHO ECHONL ICANON ISIG IEXTEN.
    private const uint InputOff = 0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x400;
    private const uint OutputOff = 0x1;
    private const uint ControlOff = 0x30 | 0x100;
    private const uint ControlOn = 0x30;
    private const uint LocalOff = 0x8 | 0x40 | 0x2 | 0x1 | 0x8000;

    private readonly int _descriptor;
    private readonly byte[] _before;
    private bool _isRestored;

    private TerminalMode(int descriptor, byte[] before) => (_descriptor, _before) = (descriptor, before);

    /// <summary>Makes the terminal behind a descriptor raw; null when there is none.</summary>
    public static TerminalMode? TryMakeRaw(int descriptor)
    {
        var before = new byte[AttributeBytes];
        fixed (byte* bytes = before)
        {
            if (Libc.Ioctl(descriptor, GetAttributes, (nint)bytes) < 0)
            {
                return null;
            }
        }

        var raw = (byte[])before.Clone();
        fixed (byte* bytes = raw)
        {
            var flags = (uint*)bytes;
            flags[0] &= ~InputOff;
            flags[1] &= ~OutputOff;
            flags[2] = (flags[2] & ~ControlOff) | ControlOn;
            flags[3] &= ~LocalOff;
            bytes[FirstCharacter + MinimumIndex] = 1;
            bytes[FirstCharacter + TimeIndex] = 0;
            LinuxException.Check(Libc.Ioctl(descriptor, SetAttributesDrained, (nint)bytes), "make the terminal raw");
        }

        return new TerminalMode(descriptor, before);
    }

    /// <summary>Rows and columns of the terminal behind a descriptor; null when there is none, or it does not say.</summary>
    public static (ushort Rows, ushort Columns)? SizeOf(int descriptor)
    {
        var size = stackalloc ushort[4];
        return Libc.Ioctl(descriptor, GetWindowSize, (nint)size) < 0 || size[0] == 0 || size[1] == 0 ? null : (size[0], size[1]);
    }

    /// <summary>Whether keys typed at this terminal come one by one and without an echo, as a program in raw mode has it.</summary>
    public static bool IsRaw(SafeFileHandle terminal)
    {
        ArgumentNullException.ThrowIfNull(terminal);
        var bytes = stackalloc byte[AttributeBytes];
        LinuxException.Check(Libc.Ioctl(terminal.Number(), GetAttributes, (nint)bytes), "read the terminal's mode");
        return (((uint*)bytes)[3] & LocalOff) == 0;
    }

    /// <summary>Gives the terminal back as it was.</summary>
    public void Dispose()
    {
        if (_isRestored)
        {
            return;
        }

        _isRestored = true;
        fixed (byte* bytes = _before)
        {
            // A terminal that was closed meanwhile has nobody left to be nice to.
            _ = Libc.Ioctl(_descriptor, SetAttributesDrained, (nint)bytes);
        }
    }
}
