namespace Pewter.Sdk;

/// <summary>
/// The same calls for programs that do not use tasks: each returns when it is done. They run on a thread of the pool, so that a caller with
/// a synchronisation context does not lock itself out.
/// </summary>
public static class Blocking
{
    /// <summary>See <see cref="PewterClient.ConnectAsync(string, string?, CancellationToken)"/>; null: the daemon of this environment.</summary>
    public static PewterClient Connect(string? address = null, string? token = null) =>
        address is null ? Run(() => PewterClient.ConnectAsync().AsTask()) : Run(() => PewterClient.ConnectAsync(address, token).AsTask());

    /// <summary>See <see cref="PewterClient.SpawnAsync(SpawnSpec, CancellationToken)"/>.</summary>
    public static Process Spawn(this PewterClient client, SpawnSpec spec) => Run(() => client.SpawnAsync(spec).AsTask());

    /// <summary>See <see cref="PewterClient.SpawnManyAsync"/>.</summary>
    public static ProcessGroup SpawnMany(
        this PewterClient client, int count, SpawnSpec spec, SpawnGuarantee guarantee = SpawnGuarantee.AllOrNothing) =>
        Run(() => client.SpawnManyAsync(count, spec, guarantee).AsTask());

    /// <summary>See <see cref="Process.WaitAsync(CancellationToken)"/>.</summary>
    public static ExitResult Wait(this Process process) => Run(() => process.WaitAsync().AsTask());

    /// <summary>See <see cref="Process.WaitAsync(TimeSpan, CancellationToken)"/>.</summary>
    public static ExitResult? Wait(this Process process, TimeSpan timeout) => Run(() => process.WaitAsync(timeout).AsTask());

    /// <summary>See <see cref="ProcessGroup.WaitAllAsync(CancellationToken)"/>.</summary>
    public static IReadOnlyList<ExitResult> WaitAll(this ProcessGroup group) => Run(() => group.WaitAllAsync().AsTask());

    /// <summary>See <see cref="ProcessGroup.WaitAllAsync(TimeSpan, CancellationToken)"/>.</summary>
    public static IReadOnlyList<ExitResult>? WaitAll(this ProcessGroup group, TimeSpan timeout) => Run(() => group.WaitAllAsync(timeout).AsTask());

    /// <summary>See <see cref="ProcessGroup.WaitAnyAsync(CancellationToken)"/>.</summary>
    public static Process? WaitAny(this ProcessGroup group) => Run(() => group.WaitAnyAsync().AsTask());

    /// <summary>See <see cref="ProcessGroup.WaitAnyAsync(TimeSpan, CancellationToken)"/>.</summary>
    public static Process? WaitAny(this ProcessGroup group, TimeSpan timeout) => Run(() => group.WaitAnyAsync(timeout).AsTask());

    /// <summary>See <see cref="PewterClient.WaitAnyAsync"/>.</summary>
    public static Process? WaitAny(IEnumerable<Process> processes, TimeSpan? timeout = null) =>
        Run(() => PewterClient.WaitAnyAsync(processes, timeout).AsTask());

    /// <summary>See <see cref="ProcessSession.KillAsync"/>.</summary>
    public static void Kill(this ProcessSession session, TimeSpan? grace = null) => Run(() => session.KillAsync(grace).AsTask());

    /// <summary>See <see cref="ProcessSession.SignalAsync"/>.</summary>
    public static void Signal(this ProcessSession session, string name, bool toGroup = false) =>
        Run(() => session.SignalAsync(name, toGroup).AsTask());

    /// <summary>See <see cref="ProcessSession.EndInputAsync"/>.</summary>
    public static void EndInput(this ProcessSession session) => Run(() => session.EndInputAsync().AsTask());

    /// <summary>See <see cref="ProcessSession.SpliceFromAsync"/>.</summary>
    public static void SpliceFrom(this ProcessSession session, string path, int descriptor = 1) =>
        Run(() => session.SpliceFromAsync(path, descriptor).AsTask());

    /// <summary>See <see cref="ProcessSession.WipeAsync"/>.</summary>
    public static void Wipe(this ProcessSession session) => Run(() => session.WipeAsync().AsTask());

    /// <summary>See <see cref="PewterClient.FindAsync"/>.</summary>
    public static Process Find(this PewterClient client, string id) => Run(() => client.FindAsync(id).AsTask());

    /// <summary>See <see cref="FileStore.PushAsync"/>.</summary>
    public static PushedFiles Push(this FileStore files, IEnumerable<string> paths) => Run(() => files.PushAsync(paths).AsTask());

    /// <summary>See <see cref="FileStore.SendAsync"/>.</summary>
    public static IReadOnlyDictionary<string, string> Send(this FileStore files, PushedFiles pushed, IEnumerable<string> nodes) =>
        Run(() => files.SendAsync(pushed, nodes).AsTask());

    /// <summary>See <see cref="ProcessSession.OpenInputAsync"/>.</summary>
    public static TreeStream OpenInput(this ProcessSession session) => Run(() => session.OpenInputAsync().AsTask());

    /// <summary>See <see cref="ProcessSession.OpenOutputAsync"/>.</summary>
    public static TreeStream OpenOutput(this ProcessSession session) => Run(() => session.OpenOutputAsync().AsTask());

    /// <summary>See <see cref="ProcessSession.OpenErrorsAsync"/>.</summary>
    public static TreeStream OpenErrors(this ProcessSession session) => Run(() => session.OpenErrorsAsync().AsTask());

    /// <summary>See <see cref="ProcessSession.ReadOutputAsync"/>.</summary>
    public static string ReadOutput(this ProcessSession session) => Run(() => session.ReadOutputAsync().AsTask());

    /// <summary>See <see cref="ProcessSession.ReadErrorsAsync"/>.</summary>
    public static string ReadErrors(this ProcessSession session) => Run(() => session.ReadErrorsAsync().AsTask());

    /// <summary>See <see cref="NodeDirectory.AllocateAsync"/>.</summary>
    public static IReadOnlyList<NodeInfo> Allocate(this NodeDirectory nodes, NodeRequest request) => Run(() => nodes.AllocateAsync(request).AsTask());

    /// <summary>See <see cref="NodeDirectory.ListAsync"/>.</summary>
    public static IReadOnlyList<NodeInfo> List(this NodeDirectory nodes, string? query = null) => Run(() => nodes.ListAsync(query).AsTask());

    /// <summary>See <see cref="NodeDirectory.ReleaseAsync(IEnumerable{NodeInfo}, CancellationToken)"/>.</summary>
    public static void Release(this NodeDirectory nodes, IEnumerable<NodeInfo> released) => Run(() => nodes.ReleaseAsync(released).AsTask());

    /// <summary>Lets go of a session.</summary>
    public static void Close(this ProcessSession session) => Run(() => session.DisposeAsync().AsTask());

    /// <summary>Ends the connection.</summary>
    public static void Close(this PewterClient client) => Run(() => client.DisposeAsync().AsTask());

    /// <summary>Waits for a call that gives something.</summary>
    public static T Run<T>(Func<Task<T>> call) => Task.Run(call).GetAwaiter().GetResult();

    /// <summary>Waits for a call.</summary>
    public static void Run(Func<Task> call) => Task.Run(call).GetAwaiter().GetResult();
}
