using Pewter.Mail;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Messaging.Names;

/// <summary>
/// A subscription to names as an object: <c>watch</c> on its <c>ctl</c> says to which, and its <c>events</c> tell those that
/// are there, then those that come and go, and the end of its time. Owns the subscription and the task that reads it; one
/// command at a time, as <c>ctl</c> has it.
/// </summary>
internal sealed record NameWatch(NewObject Made, NameTable Table, Action<NameEvent> Heard) : NameEntry(Made.Number, Made.Owner.Group)
{
    private NameSubscription? _subscription;
    private Task _reading = Task.CompletedTask;

    internal override Owner Owner => Made.Owner;

    /// <summary>What it is subscribed to; null before that.</summary>
    internal MailTarget? Target => _subscription?.Target;

    /// <summary>Subscribes; what it was subscribed to before is over.</summary>
    internal async ValueTask StartAsync(MailTarget target, NameFilter filter, TimeSpan timeout)
    {
        if (target.IsPort)
        {
            throw new FileException(Errno.EINVAL, "A mailbox's own address neither comes nor goes as a name: watch a name or numbers.");
        }

        await StopAsync();
        _subscription = Table.Subscribe(target, filter, timeout);
        _reading = ReadAsync(_subscription);
    }

    /// <summary>Ends the subscription.</summary>
    internal async ValueTask StopAsync()
    {
        _subscription?.Dispose();
        await _reading;
    }

    private async Task ReadAsync(NameSubscription subscription)
    {
        try
        {
            while (await subscription.ReadAsync() is { } happened)
            {
                Heard(happened);
            }
        }
        catch (MailException)
        {
            // Names came and went faster than they could be noted: what follows is not told, and a new watch begins anew.
        }
    }
}
