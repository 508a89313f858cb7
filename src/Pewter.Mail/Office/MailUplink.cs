namespace Pewter.Mail;

/// <summary>
/// What an office asks of the hub of its node. None of it is needed for what stays within the process.
/// </summary>
internal abstract class MailUplink : IAsyncDisposable
{
    /// <summary>Makes a name known; it fails when the name is exclusively another's.</summary>
    internal abstract ValueTask BindAsync(NameBinding binding, CancellationToken cancellation);

    /// <summary>Withdraws a name.</summary>
    internal abstract void Unbind(NameBinding binding);

    /// <summary>
    /// Has the office's table of names follow what matches a target; returns when it holds what there is.
    /// </summary>
    internal abstract Task WatchAsync(MailTarget target, bool groups);

    /// <summary>Asks for a link to a process; the route takes it into use, or is lost.</summary>
    internal abstract void FindWay(Route route);

    public abstract ValueTask DisposeAsync();
}
