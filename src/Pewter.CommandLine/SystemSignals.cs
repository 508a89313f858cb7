using System.Runtime.InteropServices;
using Pewter.Linux.Processes;

namespace Pewter.CommandLine;

/// <summary>The signals of this process.</summary>
internal sealed class SystemSignals : ISignalSource
{
    public IDisposable Take(IReadOnlyList<string> names, Action<string> taken) => new Taken(names.Select(name => PosixSignalRegistration.Create(
        (PosixSignal)SignalNames.Parse(name)!.Value,
        signal =>
        {
            signal.Cancel = true;
            taken(name);
        })));

    private sealed class Taken(IEnumerable<PosixSignalRegistration> registrations) : IDisposable
    {
        private readonly PosixSignalRegistration[] _registrations = [.. registrations];

        public void Dispose()
        {
            foreach (var registration in _registrations)
            {
                registration.Dispose();
            }
        }
    }
}
