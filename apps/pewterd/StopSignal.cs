using System.Runtime.InteropServices;

namespace Pewter.Daemon;

/// <summary>Turns signals into a graceful stop instead of the runtime's own.</summary>
internal static class StopSignal
{
    public static IDisposable OnTerminate(Action<string> stop) => On(PosixSignal.SIGTERM, stop);

    public static IDisposable OnInterrupt(Action<string> stop) => On(PosixSignal.SIGINT, stop);

    private static PosixSignalRegistration On(PosixSignal signal, Action<string> stop) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        stop(signal.ToString());
    });
}
