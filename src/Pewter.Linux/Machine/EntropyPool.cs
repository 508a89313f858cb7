namespace Pewter.Linux.Machine;

/// <summary>The kernel's random numbers (random(4)).</summary>
public static unsafe class EntropyPool
{
    private const int WriteOnly = 1;
    private const nuint AddEntropy = 0x40085203;
    private const nuint Reseed = 0x5207;
    private const int MostBytes = 512;
    private const int GetRandom = 318;

    /// <summary>A random number, not to be guessed: by the kernel alone, as a small machine has no library for it.</summary>
    public static ulong Number()
    {
        ulong number;
        while (Libc.Syscall(GetRandom, (nint)(&number), sizeof(ulong), 0) != sizeof(ulong))
        {
        }

        return number;
    }

    /// <summary>
    /// Mixes secret random bytes in, counts them as entropy and makes the generator start from them at once: what it
    /// says from now on has nothing in common with that of another machine which was in the same state.
    /// </summary>
    public static void Stir(ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(secret.Length, MostBytes);
        using var device = Descriptors.Own(Descriptors.Open("/dev/urandom", WriteOnly));
        var request = stackalloc byte[8 + MostBytes];
        *(int*)request = secret.Length * 8;
        *(int*)(request + 4) = secret.Length;
        secret.CopyTo(new Span<byte>(request + 8, MostBytes));
        LinuxException.Check(Libc.Ioctl(device.Number(), AddEntropy, (nint)request), "add entropy");
        LinuxException.Check(Libc.Ioctl(device.Number(), Reseed, 0), "reseed the random numbers");
    }
}
