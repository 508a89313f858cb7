using System.Globalization;
using System.Runtime.InteropServices;
using Pewter.NineP;
using Pewter.Sdk;

namespace Pewter.Native;

/// <summary>Starting, finding and ending processes.</summary>
internal static unsafe class ProcessExports
{
    private const int MaxCount = 10_000;

    [UnmanagedCallersOnly(EntryPoint = "pewter_spawn")]
    internal static long Spawn(long connection, nint spec) =>
        Failures.Guard(() => Handles.Add(Handles.Get<PewterClient>(connection).Spawn(NativeSpec.Read(spec).ToSpec())));

    [UnmanagedCallersOnly(EntryPoint = "pewter_spawn_n")]
    internal static long SpawnMany(long connection, int n, nint spec, long* processes)
    {
        var room = (nint)processes;
        return Failures.Guard(() =>
        {
            if (n is < 1 or > MaxCount || room == 0)
            {
                throw new FileException(Errno.EINVAL, $"pewter_spawn_n: from 1 to {MaxCount} processes, and room for their handles.");
            }

            var native = NativeSpec.Read(spec);
            var group = Handles.Get<PewterClient>(connection).SpawnMany(n, native.ToSpec(), native.Guarantee);
            var members = group.Members.Select(Handles.Add).ToList();
            for (var i = 0; i < n; i++)
            {
                ((long*)room)[i] = i < members.Count ? members[i] : 0;
            }

            return Handles.Add(new NativeGroup(group, members));
        });
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_find")]
    internal static long Find(long connection, byte* id)
    {
        var name = NativeSpec.Text(id) ?? "";
        return Failures.Guard(() => Handles.Add(Handles.Get<PewterClient>(connection).Find(name)));
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_id")]
    internal static int Id(long process, byte* buffer, nuint size)
    {
        var room = (nint)buffer;
        return (int)Failures.Guard(() => ConnectionExports.CopyText(SessionOf(process).Id, room, size));
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_node")]
    internal static int Node(long process, byte* buffer, nuint size)
    {
        var room = (nint)buffer;
        return (int)Failures.Guard(() => ConnectionExports.CopyText(Handles.Get<Process>(process).Node ?? "", room, size));
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_kill")]
    internal static int Kill(long process, long graceMilliseconds) => (int)Failures.Guard(() =>
    {
        SessionOf(process).Kill(graceMilliseconds > 0 ? TimeSpan.FromMilliseconds(graceMilliseconds) : null);
        return 0;
    });

    [UnmanagedCallersOnly(EntryPoint = "pewter_signal")]
    internal static int Signal(long process, int signal) => (int)Failures.Guard(() =>
    {
        SessionOf(process).Signal(signal.ToString(CultureInfo.InvariantCulture));
        return 0;
    });

    [UnmanagedCallersOnly(EntryPoint = "pewter_wipe")]
    internal static int Wipe(long process) => (int)Failures.Guard(() =>
    {
        SessionOf(process).Wipe();
        return 0;
    });

    /// <summary>A process or a group.</summary>
    internal static ProcessSession SessionOf(long handle) =>
        Handles.Get<object>(handle) switch
        {
            NativeGroup group => group.Group,
            ProcessSession process => process,
            _ => throw new FileException(Errno.EBADF, $"{handle} is no handle of a process or a group."),
        };
}
