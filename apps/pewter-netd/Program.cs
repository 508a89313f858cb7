using System.Runtime.InteropServices;
using Pewter.Networks.Plane;

// pewter-netd --state=DIR --run=DIR: serves the segments of the plans in DIR/plans until it is ended.
var state = Option("--state=");
var run = Option("--run=");
if (state is null || run is null)
{
    Console.Error.WriteLine(
        "pewter-netd: pewterd starts this program as 'pewter-netd --state=DIR --run=DIR'; it serves addresses, names and boot files.");
    return 2;
}

using var stop = new CancellationTokenSource();
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
await PlaneProgram.RunAsync(state, run, Console.Out, TimeProvider.System, stop.Token);
return 0;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

string? Option(string prefix) => Array.Find(args, word => word.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..];
