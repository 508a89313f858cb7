namespace Pewter.Tree;

/// <summary>Permission bits, and the type bits of <c>st_mode</c>.</summary>
public static class UnixMode
{
    /// <summary><c>S_IFDIR</c>.</summary>
    public const uint Directory = 0x4000;

    /// <summary><c>S_IFREG</c>.</summary>
    public const uint Regular = 0x8000;

    /// <summary><c>S_IFLNK</c>.</summary>
    public const uint Symlink = 0xA000;

    /// <summary>The type bits.</summary>
    public const uint TypeMask = 0xF000;

    /// <summary>Reads decimal digits as octal, so that a mode looks as it does in a shell: <c>Octal(640)</c> is <c>rw-r-----</c>.</summary>
    public static uint Octal(int digits)
    {
        uint mode = 0;
        for (var (rest, shift) = (digits, 0); rest > 0; rest /= 10, shift += 3)
        {
            if (rest % 10 > 7)
            {
                throw new ArgumentOutOfRangeException(nameof(digits), digits, "Not an octal number.");
            }

            mode |= (uint)(rest % 10) << shift;
        }

        return mode;
    }
}
