using System.Net.Sockets;
using System.Runtime.InteropServices;
using Pewter.Mail;
using Pewter.NineP;

namespace Pewter.Native;

/// <summary>Turns what goes wrong into a negative errno and a sentence for <c>pewter_error()</c>. Nothing else passes the border to C.</summary>
internal static class Failures
{
    private const int ConnectionRefused = 111;

    [ThreadStatic]
    private static nint _sentence;

    private static readonly nint Nothing = Marshal.StringToCoTaskMemUTF8("");

    /// <summary>The sentence of this thread's last failure, as C has it.</summary>
    internal static nint Sentence => _sentence == 0 ? Nothing : _sentence;

    /// <summary>Does a call; a failure is its result.</summary>
    internal static long Guard(Func<long> call)
    {
        try
        {
            return call();
        }
        catch (FileException failure)
        {
            return Fail((int)failure.Errno, failure.Message);
        }
        catch (MailException failure)
        {
            return Fail(failure.Errno, failure.Message);
        }
        catch (SocketException failure)
        {
            return Fail(failure.SocketErrorCode == SocketError.ConnectionRefused ? ConnectionRefused : failure.NativeErrorCode, failure.Message);
        }
        catch (ArgumentException failure)
        {
            return Fail((int)Errno.EINVAL, failure.Message);
        }
        catch (Exception failure)
        {
            // A program in another language has no use for an exception of this one; it would end the program.
            return Fail((int)Errno.EIO, failure.Message);
        }
    }

    private static int Fail(int errno, string sentence)
    {
        Marshal.FreeCoTaskMem(_sentence);
        _sentence = Marshal.StringToCoTaskMemUTF8(sentence);
        return -Math.Max(1, errno);
    }
}
