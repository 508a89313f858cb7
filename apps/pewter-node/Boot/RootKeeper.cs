using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pewter.Linux;
using Pewter.Linux.Machine;
using Pewter.Linux.Pipes;
using Pewter.Linux.Polling;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;

namespace Pewter.Apps.Node.Boot;

/// <summary>
/// The process that keeps a root over NBD connected: it lives in the memory of the initramfs, so that it needs nothing of the disk that it keeps, and
/// connects again when the server went away. Its name begins with '@', by which an init that ends all processes leaves it for last.
/// </summary>
internal static class RootKeeper
{
    internal const string Mode = "keep-root";

    private const int ReadyDescriptor = 3;
    private const int Device = 0;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstTries = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200);

    // How long what the machine wants of its disk waits for a server that is gone: hours, since an error would be the end of the machine.
    private static readonly TimeSpan DeadTime = TimeSpan.FromHours(12);

    /// <summary>Starts it; returns the block device when that can be used.</summary>
    internal static string Start(IPEndPoint server, string export)
    {
        var (ready, told) = AnonymousPipe.Create();
        var child = ProcessSpawner.Spawn(new SpawnOptions
        {
            Path = "/proc/self/exe",
            Arguments = ["@pewter-node", Mode, server.ToString(), export],
            WorkingDirectory = "/",
            NewSession = true,
            Descriptors = [new(0, 0), new(1, 1), new(2, 2), new(told, ReadyDescriptor)],
        });
        Descriptors.Close(told);
        Span<byte> word = stackalloc byte[1];
        while (Descriptors.Read(ready, word) == -LinuxErrno.EINTR)
        {
        }

        Descriptors.Close(ready);
        return ProcessWait.TryWait(child.Pidfd.Number()) is null
            ? string.Create(CultureInfo.InvariantCulture, $"/dev/nbd{Device}")
            : throw new IOException($"the root {export} of {server} could not be reached");
    }

    /// <summary>Is the keeper; ends only when the root cannot be reached at first.</summary>
    internal static int Run(string[] arguments)
    {
        var (server, export) = (IPEndPoint.Parse(arguments[0]), arguments[1]);
        var current = Connect(server, export, FirstTries);
        NbdDevice.Connect(Device, current.Socket.Handle.ToInt32(), current.Size, current.Flags, DeadTime);
        Descriptors.Close(ReadyDescriptor);
        while (true)
        {
            AwaitEnd(current.Socket);
            current.Socket.Dispose();
            current = Connect(server, export, DeadTime);
            NbdDevice.Reconnect(Device, current.Socket.Handle.ToInt32());
            StandardStreams.Complain($"the root {export} is connected again");
        }
    }

    private static NbdHandshake Connect(IPEndPoint server, string export, TimeSpan within)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var pause = new ManualResetEventSlim();
        while (true)
        {
            try
            {
                return NbdHandshake.Connect(server, export, Patience);
            }
            catch (IOException failure) when (TimeProvider.System.GetElapsedTime(began) < within)
            {
                StandardStreams.Complain(failure.Message);
                pause.Wait(Again);
            }
        }
    }

    // The kernel reads what comes; here it is only seen that nothing comes any more.
    private static void AwaitEnd(Socket socket)
    {
        using var epoll = new Epoll();
        epoll.Add(socket.Handle.ToInt32(), EpollEvents.PeerClosed, 0);
        Span<EpollEvent> events = stackalloc EpollEvent[1];
        while (epoll.Wait(events, Timeout.InfiniteTimeSpan) == 0)
        {
        }
    }
}
