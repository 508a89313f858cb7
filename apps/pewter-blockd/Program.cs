using System.Runtime.InteropServices;
using Pewter.BlockDaemon;
using Pewter.Blocks;
using Pewter.Disks;

if (DaemonOptions.Parse(args, out string error) is not { } options)
{
    Console.Error.WriteLine(error);
    Console.Error.WriteLine(DaemonOptions.Usage);
    return 2;
}

var stop = new TaskCompletionSource();
using PosixSignalRegistration onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using PosixSignalRegistration onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
try
{
    await using DiskServer server = await DiskServer.StartAsync(options.Server, TimeProvider.System, CancellationToken.None);
    await using var control = new ControlSocket(options.Control, server.Tree.Root, TimeProvider.System);
    Console.WriteLine("ready");
    await stop.Task;
    return 0;
}
catch (Exception e) when (e is BlockException or IOException or System.Net.Sockets.SocketException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.TrySetResult();
}
