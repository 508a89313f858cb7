using System.Runtime.InteropServices;
using System.Text;

namespace Pewter.Linux;

/// <summary>
/// One run of fusermount3, the setuid helper of fuse3: it mounts for users that may not and hands over the device by a Unix socket
/// (<c>_FUSE_COMMFD</c>, <c>SCM_RIGHTS</c>), and it can stay to unmount when that socket closes, that is, when this process ends in whatever
/// way. Owns the socket and the child. Used by one thread at a time.
/// </summary>
internal sealed class FuseHelper : IDisposable
{
    private const string Program = "fusermount3";
    private const int ChildSocket = 3;
    private const int ControlBytes = 24;
    private readonly int _process;
    private int _socket;
    private int _errors;

    private FuseHelper(int process, int socket, int errors) => (_process, _socket, _errors) = (process, socket, errors);

    /// <summary>Starts the helper with its end of the socket as descriptor 3; null when fuse3 is not installed.</summary>
    public static unsafe FuseHelper? TryStart(params ReadOnlySpan<string> arguments)
    {
        var sockets = stackalloc int[2];
        var errors = stackalloc int[2];
        if (FuseNative.SocketPair(FuseNative.UnixFamily, FuseNative.StreamCloexec, 0, sockets) < 0)
            throw FuseNative.Failure("socketpair");
        if (FuseNative.Pipe(errors, FuseNative.Cloexec) < 0)
            throw FuseNative.Failure("pipe");
        var (status, process) = Spawn(arguments, sockets[1], errors[1]);
        _ = FuseNative.Close(sockets[1]);
        _ = FuseNative.Close(errors[1]);
        var helper = new FuseHelper(process, sockets[0], errors[0]);
        if (status == 0)
            return helper;
        helper.CloseDescriptors();
        return null;
    }

    /// <summary>Waits for the mounted device; what the helper complained of is the exception's message.</summary>
    public unsafe int ReceiveDevice()
    {
        byte payload;
        var control = stackalloc byte[ControlBytes];
        var vector = new FuseNative.IoVector { Base = &payload, Length = 1 };
        var message = new FuseNative.MessageHeader
        {
            Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlBytes,
        };
        nint count;
        do
            count = FuseNative.ReceiveMessage(_socket, &message, FuseNative.MessageCloexec);
        while (count < 0 && Marshal.GetLastPInvokeError() == FuseNative.Eintr);
        // A control message is its length (8), level (4) and type (4), then the descriptor.
        if (count > 0 && message.ControlLength >= 20)
            return *(int*)(control + 16);
        throw new IOException($"fusermount3 did not mount: {ReadErrors()}");
    }

    /// <summary>Waits for the helper to end; true when it succeeded.</summary>
    public unsafe bool WaitForExit()
    {
        int status;
        while (FuseNative.WaitProcess(_process, &status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != FuseNative.Eintr)
                return false;
        }

        return status == 0;
    }

    /// <summary>Everything the helper wrote to its standard error. Waits until it has ended.</summary>
    public unsafe string ReadErrors()
    {
        var text = new byte[2048];
        var total = 0;
        fixed (byte* start = text)
        {
            nint count;
            while (total < text.Length && (count = FuseNative.Read(_errors, start + total, (nuint)(text.Length - total))) > 0)
                total += (int)count;
        }

        return Encoding.UTF8.GetString(text, 0, total).Trim();
    }

    /// <summary>Closes the socket, which lets a staying helper go, and waits for the child.</summary>
    public void Dispose()
    {
        if (_socket < 0)
            return;
        CloseDescriptors();
        WaitForExit();
    }

    private void CloseDescriptors()
    {
        _ = FuseNative.Close(_socket);
        _ = FuseNative.Close(_errors);
        (_socket, _errors) = (-1, -1);
    }

    private static unsafe (int Status, int Process) Spawn(ReadOnlySpan<string> arguments, int socket, int errors)
    {
        // glibc's posix_spawn_file_actions_t is 80 bytes; musl's is 80 too.
        var actions = stackalloc byte[128];
        _ = FuseNative.InitialiseActions(actions);
        // Errors first: its own descriptor may be the number that the socket takes.
        _ = FuseNative.AddDuplicate(actions, errors, 2);
        _ = FuseNative.AddDuplicate(actions, socket, ChildSocket);
        var argumentBlock = Block([Program, .. arguments]);
        var environmentBlock = Block(Environment());
        try
        {
            int process;
            var status = FuseNative.Spawn(&process, Program, actions, null, (byte**)argumentBlock, (byte**)environmentBlock);
            return (status, process);
        }
        finally
        {
            FreeBlock(argumentBlock);
            FreeBlock(environmentBlock);
            _ = FuseNative.DestroyActions(actions);
        }
    }

    // The helper needs a search path and the socket's number, and nothing of our environment, which may hold secrets.
    private static string[] Environment() => ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", $"_FUSE_COMMFD={ChildSocket}"];

    private static unsafe nint Block(string[] strings)
    {
        var block = (nint*)NativeMemory.AllocZeroed((nuint)strings.Length + 1, (nuint)sizeof(nint));
        for (var i = 0; i < strings.Length; i++)
            block[i] = Marshal.StringToCoTaskMemUTF8(strings[i]);
        return (nint)block;
    }

    private static unsafe void FreeBlock(nint block)
    {
        for (var entry = (nint*)block; *entry != 0; entry++)
            Marshal.FreeCoTaskMem(*entry);
        NativeMemory.Free((void*)block);
    }
}
