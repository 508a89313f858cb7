using System.Runtime.InteropServices;
using System.Text;

namespace Pewter.Linux.Fuse;

/// <summary>
/// A child process at the other end of a Unix socket, which is its descriptor 3. Either fusermount3, the setuid program of fuse3, which mounts
/// for users that may not and hands over the device (<c>_FUSE_COMMFD</c>, <c>SCM_RIGHTS</c>); or a shell that waits for the socket to close, that
/// is, for this process to end in whatever way, and then unmounts. Owns the socket and the child. Used by one thread at a time.
/// </summary>
internal sealed class FuseChild : IDisposable
{
    // fusermount3's own auto_unmount looks at the mount as root, is refused unless allow_other is set, and gives up (libfuse 3.14).
    private const string WatcherScript = """
        trap '' HUP INT TERM QUIT
        if ! read -r released <&3 && ! stat -f -- "$1" >/dev/null 2>&1; then
          if [ "$(id -u)" = 0 ]; then umount -l -- "$1"; else fusermount3 -u -q -z -- "$1"; fi
        fi
        """;

    private const int ChildSocket = 3;
    private const int ControlBytes = 24;
    private readonly int _process;
    private int _socket;
    private int _errors;

    private FuseChild(int process, int socket, int errors) => (_process, _socket, _errors) = (process, socket, errors);

    /// <summary>Starts fusermount3; null when fuse3 is not installed.</summary>
    public static FuseChild? TryStartFusermount(params ReadOnlySpan<string> arguments) => TryStart(["fusermount3", .. arguments]);

    /// <summary>Starts what unmounts a directory when this process is gone and its mount is dead; null when there is no shell.</summary>
    public static FuseChild? TryStartWatcher(string directory) => TryStart(["sh", "-c", WatcherScript, "pewter-unmount", directory]);

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

    /// <summary>Says a line and closes the socket, which lets a watcher go without unmounting, and waits for the child.</summary>
    public unsafe void Dispose()
    {
        if (_socket < 0)
            return;
        var line = (byte)'\n';
        _ = FuseNative.Send(_socket, &line, 1, FuseNative.NoSignal);
        CloseDescriptors();
        WaitForExit();
    }

    private static unsafe FuseChild? TryStart(ReadOnlySpan<string> arguments)
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
        var helper = new FuseChild(process, sockets[0], errors[0]);
        if (status == 0)
            return helper;
        helper.CloseDescriptors();
        return null;
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
        var argumentBlock = Block(arguments);
        // A search path and the socket's number, and nothing of our environment, which may hold secrets.
        var environmentBlock = Block(["PATH=/usr/sbin:/usr/bin:/sbin:/bin", $"_FUSE_COMMFD={ChildSocket}"]);
        try
        {
            int process;
            var status = FuseNative.Spawn(&process, arguments[0], actions, null, (byte**)argumentBlock, (byte**)environmentBlock);
            return (status, process);
        }
        finally
        {
            FreeBlock(argumentBlock);
            FreeBlock(environmentBlock);
            _ = FuseNative.DestroyActions(actions);
        }
    }

    private static unsafe nint Block(ReadOnlySpan<string> strings)
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
