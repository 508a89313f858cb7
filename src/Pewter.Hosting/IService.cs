namespace Pewter.Hosting;

/// <summary>
/// A part of the control plane: nodes, networks, images, mail. It mounts its subtree in the root of the tree and meets other services only there.
/// </summary>
/// <remarks>
/// Life: constructed by the daemon, <see cref="StartAsync"/> once, then disposed once, in the reverse order of the starts. A start that throws
/// ends the daemon: what a service can mend by itself it mends.
/// </remarks>
public interface IService : IAsyncDisposable
{
    /// <summary>The service's name in the status, in events and in the log: <c>network</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Replays the service's state from the store, adopts what still runs, and adds its files to the root. The files work when this returns.
    /// </summary>
    ValueTask StartAsync(ServiceContext context, CancellationToken cancellation);

    /// <summary>Fields that the service adds to its line of <c>/status</c>; called at any time, from any thread, and answers at once.</summary>
    IEnumerable<KeyValuePair<string, string>> Status() => [];
}
