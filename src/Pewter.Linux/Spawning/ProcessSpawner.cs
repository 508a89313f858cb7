using Pewter.Linux.Namespaces;
using Pewter.Linux.Pipes;
using Pewter.Linux.Processes;

namespace Pewter.Linux.Spawning;

/// <summary>
/// Starts processes. May be called from many threads at once; the calling thread waits until the child has reached exec, which is
/// some hundred microseconds.
/// </summary>
public static unsafe class ProcessSpawner
{
    private const int FirstSafeDescriptor = 16;
    private const ulong ShareMemory = 0x100;
    private const ulong GivePidfd = 0x1000;
    private const ulong SuspendParent = 0x4000;
    private const ulong ClearSignalHandlers = 0x1_0000_0000;
    private const ulong IntoCgroup = 0x2_0000_0000;
    private const int ChildSignal = 17;
    private const int KillSignal = 9;

    /// <summary>Starts a process. Returns after a successful exec.</summary>
    /// <exception cref="LinuxException">It could not start; nothing is left behind.</exception>
    public static SpawnedProcess Spawn(SpawnOptions options)
    {
        var copies = new List<int>();
        try
        {
            options = options with { Descriptors = LiftSources(options.Descriptors, copies) };
            return options.UserMap is null ? SpawnSuspended(options) : SpawnMapped(options);
        }
        finally
        {
            copies.ForEach(Descriptors.Close);
        }
    }

    /// <summary>The usual way: the calling thread is suspended until exec, as in vfork.</summary>
    private static SpawnedProcess SpawnSuspended(SpawnOptions options)
    {
        using var arena = new SpawnArena();
        var script = new SpawnScript(arena, options, gate: null);
        var header = Prepare(arena, script, options, SuspendParent);
        var result = SpawnStub.Run(header);
        GC.KeepAlive(options);
        return Finish(header, script, options, result);
    }

    /// <summary>
    /// With a user namespace the parent must write the child's maps, so it runs on while the child waits at a gate. A pipe that closes
    /// on exec tells that the child no longer uses the shared memory.
    /// </summary>
    private static SpawnedProcess SpawnMapped(SpawnOptions options)
    {
        using var arena = new SpawnArena();
        var (gateReader, gateWriter) = AnonymousPipe.Create();
        var (doneReader, doneWriter) = AnonymousPipe.Create();
        try
        {
            var script = new SpawnScript(arena, options, (gateReader, gateWriter));
            var header = Prepare(arena, script, options, 0);
            var result = SpawnStub.Run(header);
            var mapped = result > 0 ? OpenGate((int)result, *header->Pidfd, options.UserMap!, gateWriter) : null;
            Descriptors.Close(doneWriter);
            doneWriter = -1;
            Span<byte> nothing = stackalloc byte[1];
            while (result > 0 && Descriptors.Read(doneReader, nothing) == -LinuxErrno.EINTR)
            {
            }

            GC.KeepAlive(options);
            return Finish(header, script, options, result, mapped);
        }
        finally
        {
            foreach (var descriptor in (ReadOnlySpan<int>)[gateReader, gateWriter, doneReader, doneWriter])
            {
                if (descriptor >= 0)
                {
                    Descriptors.Close(descriptor);
                }
            }
        }
    }

    private static SpawnHeader* Prepare(SpawnArena arena, SpawnScript script, SpawnOptions options, ulong extra)
    {
        var header = arena.Allocate<SpawnHeader>();
        var pidfd = arena.Allocate<int>();
        *pidfd = -1;
        header->Flags = ShareMemory | GivePidfd | ClearSignalHandlers | extra |
            (ulong)(options.NewNamespaces & ~NamespaceKinds.Cgroup);
        header->Pidfd = pidfd;
        header->ExitSignal = ChildSignal;
        header->StepCount = script.Count;
        header->Steps = script.Steps;
        header->AllSignals = ulong.MaxValue;
        if (options.UnifiedCgroup is { } cgroup)
        {
            header->Flags |= IntoCgroup;
            header->Cgroup = (ulong)cgroup.Number();
        }

        return header;
    }

    private static SpawnedProcess Finish(
        SpawnHeader* header, SpawnScript script, SpawnOptions options, nint result, LinuxException? mapped = null)
    {
        if (result < 0)
        {
            throw new LinuxException((int)-result, $"start {options.Path}");
        }

        var child = new SpawnedProcess((int)result, Descriptors.Own(*header->Pidfd));
        var failed = Volatile.Read(ref header->FailedStep);
        if (failed == 0 && mapped is null)
        {
            return child;
        }

        child.Pidfd.Signal(KillSignal);
        ProcessWait.Wait(child.Pidfd);
        child.Pidfd.Dispose();
        throw mapped ?? Explain(header, script, options, failed - 1);
    }

    private static LinuxException Explain(SpawnHeader* header, SpawnScript script, SpawnOptions options, nint step)
    {
        var errno = (int)-header->FailedResult;
        var isExec = step == script.Count - 1;
        return new LinuxException(errno, isExec ? ExecFailure.Describe(options.Path, errno) : script.Purpose(step));
    }

    private static LinuxException? OpenGate(int process, int pidfd, UserNamespaceMap map, int gate)
    {
        var failure = WriteMaps(process, map);
        if (failure is null)
        {
            _ = Descriptors.Write(gate, "."u8);
        }
        else
        {
            // It waits at the gate for ever, and must be gone before the memory it shares is freed.
            _ = Libc.Syscall(SyscallNumbers.PidfdSendSignal, pidfd, KillSignal);
        }

        return failure;
    }

    private static LinuxException? WriteMaps(int process, UserNamespaceMap map)
    {
        try
        {
            File.WriteAllText($"/proc/{process}/uid_map", map.Users);
            if (Environment.UserName != "root" && !Environment.IsPrivilegedProcess)
            {
                File.WriteAllText($"/proc/{process}/setgroups", "deny");
            }

            File.WriteAllText($"/proc/{process}/gid_map", map.Groups);
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new LinuxException(LinuxErrno.EPERM, "map the identifiers of a user namespace");
        }
    }

    // Sources must lie above every target, or one hand-over would overwrite another's source.
    private static List<DescriptorMapping> LiftSources(IReadOnlyList<DescriptorMapping> mappings, List<int> copies)
    {
        var lifted = new List<DescriptorMapping>(mappings.Count);
        foreach (var mapping in mappings)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(mapping.Target, FirstSafeDescriptor);
            var source = mapping.Source;
            if (source < FirstSafeDescriptor)
            {
                source = Descriptors.Duplicate(source, FirstSafeDescriptor);
                copies.Add(source);
            }

            lifted.Add(mapping with { Source = source });
        }

        return lifted;
    }
}
