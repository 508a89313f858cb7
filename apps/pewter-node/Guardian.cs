using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pewter.Linux;
using Pewter.Linux.Pipes;
using Pewter.Linux.Processes;
using Pewter.Linux.Sockets;
using Pewter.Linux.Spawning;
using Pewter.Node.Processes;

namespace Pewter.Apps.Node;

/// <summary>
/// The parent of a host's agent. It does next to nothing, so that it does not die: holds the listening socket, starts the agent, starts it
/// again when it is killed, and, as the reaper of its descendants, writes down how processes ended whose agent is dead. So no exit code is
/// lost as long as one of the two lives.
/// </summary>
internal sealed class Guardian
{
    /// <summary>The worker's descriptor of the listening socket.</summary>
    internal const int ListenDescriptor = 3;

    /// <summary>The worker's descriptor that it closes when it serves.</summary>
    internal const int ReadyDescriptor = 4;

    private const int MostEndings = 3;
    private const int OpenReadWrite = 2;
    private const int Terminate = 15;

    // A worker that dies at once every time is started ten times a second, not thousands.
    private static readonly TimeSpan RestartPause = TimeSpan.FromMilliseconds(100);

    private readonly AgentArguments _arguments;
    private readonly SafeFileHandle _listener;
    private readonly SafeFileHandle _nothing;

    // Guards the two below: a signal's handler must not reach for a worker that has just been buried.
    private readonly Lock _lock = new();
    private SpawnedProcess? _worker;
    private bool _stopping;
    private bool _hasStarted;
    private int _endings;

    private Guardian(AgentArguments arguments)
    {
        _arguments = arguments;
        _nothing = Descriptors.Own(Descriptors.Open("/dev/null", OpenReadWrite));
        _listener = UnixListener.Listen(arguments.Socket);
    }

    internal static int Run(AgentArguments arguments)
    {
        Directory.CreateDirectory(arguments.State);
        if (arguments.Detach)
        {
            return Detach(arguments);
        }

        using var single = Lock(arguments.State);
        return new Guardian(arguments).Guard();
    }

    // The lock goes with the process, however it ends.
    private static FileStream Lock(string state)
    {
        try
        {
            return new FileStream(Path.Join(state, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new IOException($"another agent uses {state}");
        }
    }

    /// <summary>Starts the daemon in a session of its own and returns when its socket answers.</summary>
    private static int Detach(AgentArguments arguments)
    {
        var (ready, told) = AnonymousPipe.Create();
        using var nothing = Descriptors.Own(Descriptors.Open("/dev/null", OpenReadWrite));
        using var log = File.OpenHandle(
            Path.Join(arguments.State, "agent.log"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        var child = ProcessSpawner.Spawn(new SpawnOptions
        {
            Path = "/proc/self/exe",
            Arguments = ["pewter-node", "host", "--detached", .. arguments.ToWorkerArguments()],
            Environment = [.. Variables()],
            WorkingDirectory = "/",
            NewSession = true,
            Descriptors =
            [
                new(nothing.Number(), 0), new(nothing.Number(), 1), new(log.Number(), 2), new(told, ReadyDescriptor),
            ],
        });
        Descriptors.Close(told);
        Span<byte> nobody = stackalloc byte[1];
        while (Descriptors.Read(ready, nobody) == -LinuxErrno.EINTR)
        {
        }

        // The pipe ends when the worker serves, and also when the daemon has ended without.
        return ProcessWait.TryWait(child.Pidfd.Number()) is { } ended
            ? throw new IOException($"the agent ended with code {ended.ExitCode}; see {arguments.State}/agent.log")
            : 0;
    }

    private int Guard()
    {
        ProcessControl.BecomeSubreaper();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        StartWorker();
        while (ProcessWait.PeekAnyWaiting() is { } ended)
        {
            if (ended.ProcessId != _worker!.Id)
            {
                WriteDown(ended);
                continue;
            }

            var (worker, isStopping) = Bury();
            if (worker.ExitCode == Agent.Stopped || _endings == MostEndings)
            {
                File.Delete(_arguments.Socket);
                return 0;
            }

            // One that died while it was to end, perhaps before it could hear of it, has left what it ran to the next.
            _endings += isStopping ? 1 : 0;
            if (worker.ExitCode != Agent.Restart)
            {
                var how = worker.ExitCode is { } code ? $"code {code}" : $"signal {SignalNames.Name(worker.Signal)}";
                StandardStreams.Complain($"the agent died ({how}); starting it again");
                Task.Delay(RestartPause, TimeProvider.System).Wait();
            }

            StartWorker();
        }

        return 0;
    }

    private void WriteDown(WaitStatus ended)
    {
        var ticks = ProcessStat.Read(ended.ProcessId)?.StartTicks ?? 0;
        try
        {
            OrphanRecords.Append(_arguments.OrphanRecords, ended, ticks);
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            // A guardian that dies of a full disk would take all records with it; this one process is told as lost.
            StandardStreams.Complain($"how process {ended.ProcessId} ended could not be written down: {full.Message}");
        }

        ProcessWait.TryWaitFor(ended.ProcessId);
    }

    private void StartWorker()
    {
        // Only the daemon that was started by --detach was given a pipe to tell that it serves, and only its first worker tells.
        var tells = _arguments.IsDetached && !_hasStarted;
        _hasStarted = true;
        var told = tells ? ReadyDescriptor : _nothing.Number();
        var worker = ProcessSpawner.Spawn(new SpawnOptions
        {
            Path = "/proc/self/exe",
            Arguments = _endings > 0
                ? ["pewter-node", "worker", "--ending", .. _arguments.ToWorkerArguments()]
                : ["pewter-node", "worker", .. _arguments.ToWorkerArguments()],
            Environment = [.. Variables()],
            Descriptors = [new(_listener.Number(), ListenDescriptor), new(told, ReadyDescriptor)],
        });
        if (tells)
        {
            Descriptors.Close(ReadyDescriptor);
        }

        lock (_lock)
        {
            _worker = worker;
            if (_stopping && _endings == 0)
            {
                worker.Pidfd.Signal(Terminate);
            }
        }
    }

    private (WaitStatus Worker, bool IsStopping) Bury()
    {
        lock (_lock)
        {
            var status = ProcessWait.Wait(_worker!.Pidfd);
            _worker.Pidfd.Dispose();
            _worker = null;
            return (status, _stopping);
        }
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_lock)
        {
            _stopping = true;
            _worker?.Pidfd.Signal(Terminate);
        }
    }

    private static IEnumerable<string> Variables()
    {
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            yield return $"{variable.Key}={variable.Value}";
        }
    }
}
