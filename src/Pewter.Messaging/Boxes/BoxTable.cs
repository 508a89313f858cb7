using System.Collections.Concurrent;
using System.Text;
using Pewter.Mail;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Messaging.Boxes;

/// <summary>
/// The mailboxes of <c>/mail</c>. Those that files read are this process's own, in an office for each name space; those
/// of programs come and go with their symbolic
/// names. Safe to call from any thread.
/// </summary>
internal sealed class BoxTable : IAsyncDisposable
{
    private readonly MailHub _hub;
    private readonly BoxJournal _journal;
    private readonly IReadOnlyList<Uri> _broker;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Lazy<Task<Counter>>> _counters = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly Dictionary<(string, PortAddress, uint), long> _programs = [];

    internal BoxTable(MailHub hub, BoxJournal journal, IReadOnlyList<Uri> broker, TimeProvider time)
    {
        (_hub, _journal, _broker, _time) = (hub, journal, broker, time);
        Boxes = new Collection<Box>(BoxKind.Create(this), time, BoxKind.CollectionCommands(this));
    }

    internal Collection<Box> Boxes { get; }

    internal async ValueTask StartAsync(CancellationToken cancellation)
    {
        foreach (var grant in await _journal.LoadGrantsAsync(cancellation))
        {
            _hub.Grant(grant);
        }

        var messages = await _journal.LoadMessagesAsync(cancellation);
        foreach (var record in await _journal.LoadAsync(cancellation))
        {
            var box = await OpenAsync(record, messages[record.Number]);
            box.IsPersistent = true;
            Boxes.Add(record.Number, box, record.Name);
            foreach (var target in record.Targets)
            {
                await box.Mailbox!.BindAsync(MailTarget.Parse(target), cancellation: cancellation);
            }
        }
    }

    internal async ValueTask<Box> CreateAsync(NewObject made, CancellationToken cancellation) =>
        await OpenAsync(
            new BoxRecord { Number = made.Number, User = made.Owner.User, Group = made.Owner.Group, Uid = made.Owner.Uid, Gid = made.Owner.Gid }, []);

    /// <summary>Opens a mailbox that stays under a name; returns its path.</summary>
    internal async ValueTask<string> OpenAsync(Caller caller, string name, IReadOnlyList<string> targets, CancellationToken cancellation)
    {
        var made = Boxes.Next(caller);
        var box = await CreateAsync(made, cancellation);
        try
        {
            Boxes.Add(made.Number, box, name);
        }
        catch
        {
            box.Dispose();
            throw;
        }

        Boxes.Append(made.Number, "opened", json => json.WriteString("name", name));
        try
        {
            box.IsPersistent = true;
            box.Record = box.Record with { Name = name };
            foreach (var target in targets.Select(MailFailure.Target).Prepend(MailFailure.Target(name)))
            {
                await BindAsync(box, target, exclusive: false, cancellation);
            }
        }
        catch (MailException refused)
        {
            await CloseAsync(box, cancellation);
            throw MailFailure.From(refused);
        }
        catch
        {
            await CloseAsync(box, cancellation);
            throw;
        }

        return $"/mail/{name}";
    }

    internal async ValueTask BindAsync(Box box, MailTarget target, bool exclusive, CancellationToken cancellation)
    {
        try
        {
            await BoxKind.Demand(box).BindAsync(target, exclusive, cancellation);
        }
        catch (MailException refused)
        {
            throw MailFailure.From(refused);
        }

        box.Record = box.Record with { Targets = [.. box.Record.Targets, target.ToString()] };
        await SaveAsync(box, cancellation);
    }

    internal async ValueTask UnbindAsync(Box box, MailTarget target, CancellationToken cancellation)
    {
        if (!BoxKind.Demand(box).Unbind(target))
        {
            throw new FileException(Errno.ENOENT, $"It is not bound to {target}; status tells to what it is.");
        }

        box.Record = box.Record with { Targets = [.. box.Record.Targets.Where(other => other != target.ToString())] };
        await SaveAsync(box, cancellation);
    }

    internal async ValueTask MakeDurableAsync(Box box, CancellationToken cancellation)
    {
        BoxKind.Demand(box);
        box.IsPersistent = true;
        box.Record = box.Record with { IsDurable = true };
        await SaveAsync(box, cancellation);
        await StartKeepingAsync(box, [], cancellation);
    }

    internal async ValueTask KeepAsync(Box box, bool isPersistent, CancellationToken cancellation)
    {
        box.IsPersistent = isPersistent;
        if (isPersistent)
        {
            await SaveAsync(box, cancellation);
        }
        else
        {
            await _journal.ForgetAsync(box.Record.Number, cancellation);
        }
    }

    internal async ValueTask CloseAsync(Box box, CancellationToken cancellation)
    {
        BoxKind.Demand(box);
        await ReapAsync(box, cancellation);
        Boxes.Remove(box.Record.Number);
    }

    internal async ValueTask ReapAsync(Box box, CancellationToken cancellation)
    {
        box.Dispose();
        await box.Keeping;
        if (box.Durable is { } durable)
        {
            await durable.DropAllAsync(cancellation);
            await durable.DisposeAsync();
        }

        await _journal.ForgetAsync(box.Record.Number, cancellation);
    }

    internal async ValueTask SendAsync(string tenant, MailTarget target, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        await (await CounterOf(tenant)).Sender.SendAsync(target, body, default, cancellation);

    internal async ValueTask SendWordsAsync(CommandCall call, CancellationToken cancellation)
    {
        try
        {
            var body = Encoding.UTF8.GetBytes(string.Join(' ', call.Words("words")) + "\n");
            await SendAsync(Owner.Of(call.Caller).Group, MailTarget.Parse(call.Word("target")), body, cancellation);
        }
        catch (MailException refused)
        {
            throw MailFailure.From(refused);
        }
    }

    internal async ValueTask GrantAsync(CommandCall call, CancellationToken cancellation)
    {
        var grant = GrantOf(call);
        await _journal.SaveAsync(grant, cancellation);
        _hub.Grant(grant);
    }

    internal async ValueTask RevokeAsync(CommandCall call, CancellationToken cancellation)
    {
        var grant = GrantOf(call);
        if (!_hub.Grants.Contains(grant))
        {
            throw new FileException(Errno.ENOENT, $"{grant.Target} is not granted to {grant.Tenant}.");
        }

        await _journal.ForgetAsync(grant, cancellation);
        _hub.Revoke(grant);
    }

    /// <summary>How a write to <c>in</c> gets there, from here.</summary>
    internal string? TransportTo(Box box)
    {
        var transport = box.Mailbox is not null ? MailTransport.InProcess
            : _counters.TryGetValue(box.Tenant, out var counter) && counter.Value.IsCompletedSuccessfully
                ? counter.Value.Result.Office.TransportTo(box.Target.Port) : MailTransport.Unknown;
        return MailTransports.Word(transport);
    }

    /// <summary>
    /// A name has come or gone: those that programs of this machine have bound are mailboxes here too.
    /// </summary>
    internal void Observe(string tenant, NameBinding binding, bool isUp)
    {
        var key = (tenant, binding.Port, binding.Id);
        lock (_lock)
        {
            if (!isUp)
            {
                _ = _programs.Remove(key, out var gone) && Boxes.Remove(gone);
                return;
            }

            var isProgram = binding is { IsGroup: false, Target.Name: not null } && binding.Port.Node == _hub.Options.Node && !IsOwn(binding.Port);
            if (!isProgram || _programs.ContainsKey(key))
            {
                return;
            }

            var number = Boxes.Next(Caller.System).Number;
            var box = new Box(new BoxRecord { Number = number, User = "root", Group = tenant }, null, new MailTarget(binding.Port));
            _programs[key] = number;
            Boxes.Add(number, box);
            NameProgram(number, binding.Target.Name!);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var target in Boxes.All())
        {
            target.Item.Dispose();
            await target.Item.Keeping;
            if (target.Item.Durable is { } durable)
            {
                await durable.DisposeAsync();
            }
        }

        await Boxes.DisposeAsync();
        foreach (var counter in _counters.Values)
        {
            await (await counter.Value).Office.DisposeAsync();
        }
    }

    // A program may have a name that another mailbox has here, or that no file can have: then it has its number only.
    private void NameProgram(long number, string name)
    {
        try
        {
            Boxes.Rename(number, name);
        }
        catch (FileException)
        {
        }
    }

    private bool IsOwn(PortAddress port) => _counters.Values.Any(
        counter => counter.Value.IsCompletedSuccessfully && counter.Value.Result.Office.Address.IsSameOffice(port));

    private async ValueTask<Box> OpenAsync(BoxRecord record, IEnumerable<(long Sequence, byte[] Body)> kept)
    {
        var mailbox = (await CounterOf(record.Group)).Office.Open(new MailboxOptions { CapacityBytes = record.CapacityBytes });
        var box = new Box(record, mailbox, new MailTarget(mailbox.Address));
        if (record.IsDurable)
        {
            await StartKeepingAsync(box, kept, CancellationToken.None);
        }

        return box;
    }

    private async ValueTask StartKeepingAsync(Box box, IEnumerable<(long Sequence, byte[] Body)> kept, CancellationToken cancellation)
    {
        if (box.Durable is null)
        {
            var name = $"pewter.{box.Tenant}.{box.Record.Name ?? $"m{box.Record.Number}"}";
            box.Durable = _broker.Count == 0
                ? new DurableQueue(_journal, box.Record.Number, kept)
                : await RabbitQueue.OpenAsync(_broker, name, _time, RabbitQueue.ConfirmMax, cancellation);
            box.Keeping = KeepIncomingAsync(box.Mailbox!, box.Durable);
        }
    }

    private static MailGrant GrantOf(CommandCall call) =>
        new(Owner.Of(call.Caller).Group, MailFailure.Target(call.Word("target")), call.Word("tenant"));

    // What programs send to a durable mailbox is kept too; a request is answered when it is on the disk, and what cannot be kept goes back.
    private static async Task KeepIncomingAsync(Mailbox mailbox, IDurableQueue durable)
    {
        try
        {
            while (true)
            {
                var message = await mailbox.ReceiveAsync();
                if (message.Kind != MessageKind.Data)
                {
                    continue;
                }

                var reason = await KeepAsync(durable, message.Body);
                if (reason != RejectReason.None)
                {
                    mailbox.Refuse(message, reason);
                }
                else if (message.IsRequest)
                {
                    mailbox.Reply(message, "kept"u8);
                }
            }
        }
        catch (MailException)
        {
            // The mailbox is closed.
        }
    }

    private static async ValueTask<RejectReason> KeepAsync(IDurableQueue durable, ReadOnlyMemory<byte> body)
    {
        try
        {
            return await durable.TryKeepAsync(body, CancellationToken.None) ? RejectReason.None : RejectReason.Overload;
        }
        catch (MailException)
        {
            return RejectReason.NodeLost;
        }
    }

    private Task<Counter> CounterOf(string tenant) => _counters.GetOrAdd(tenant, name => new Lazy<Task<Counter>>(async () =>
    {
        var office = await _hub.AttachAsync(name);
        return new Counter(office, office.Open());
    })).Value;

    private ValueTask SaveAsync(Box box, CancellationToken cancellation) =>
        box.IsPersistent ? _journal.SaveAsync(box.Record, cancellation) : ValueTask.CompletedTask;

    /// <summary>The service's own office in a name space, and the mailbox from which files send.</summary>
    private sealed record Counter(PostOffice Office, Mailbox Sender);
}
