using Pewter.Linux;
using Pewter.NineP;

namespace Pewter.Node.Sessions;

/// <summary>The one boundary where failures of the kernel become failures of files.</summary>
internal static class LinuxFailure
{
    /// <summary>The same failure as a file has it.</summary>
    internal static FileException ToFile(this LinuxException failure) => new((Errno)failure.Errno, failure.Message, failure);

    /// <summary>Runs, and turns a failure.</summary>
    internal static void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (LinuxException failure)
        {
            throw failure.ToFile();
        }
    }

    /// <summary>Runs, and turns a failure.</summary>
    internal static T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (LinuxException failure)
        {
            throw failure.ToFile();
        }
    }
}
