using Pewter.Mail;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Messaging.Boxes;

/// <summary>What <c>/mail</c> says of a mailbox, and what it can be told.</summary>
internal static class BoxKind
{
    internal static ObjectKind<Box> Create(BoxTable boxes) => new()
    {
        Prefix = "m",
        Fields = Fields(boxes),
        Commands = Commands(boxes),
        Owner = box => box.Owner,
        Files = (directory, box) =>
        {
            directory.Add("in", new InFile(box, boxes));
            if (box.Mailbox is not null)
            {
                directory.Add("out", new OutFile(box));
            }
        },
        Create = boxes.CreateAsync,
        IsBusy = _ => false,
        Reap = boxes.ReapAsync,
        PersistenceChanged = boxes.KeepAsync,
    };

    /// <summary>The commands of the collection.</summary>
    internal static CommandSet<Collection<Box>> CollectionCommands(BoxTable boxes) => new CommandSet<Collection<Box>>()
        .Add("open <name> [targets...]", "Opens a mailbox that stays, bound to a name and numbers: open printer {8080,1}.", async (_, call, stop) =>
            CommandResult.Of("path", await boxes.OpenAsync(call.Caller, call.Word("name"), call.Words("targets"), stop)))
        .Add("send <target> [words...]", "Sends a message to a name, a service or a mailbox.", (_, call, stop) => boxes.SendWordsAsync(call, stop))
        .Add("grant <target> <tenant>", "Lets another tenant see names of the own one.", (_, call, stop) => boxes.GrantAsync(call, stop))
        .Add("revoke <target> <tenant>", "Takes that back.", (_, call, stop) => boxes.RevokeAsync(call, stop));

    private static Fields<Box> Fields(BoxTable boxes) => new Fields<Box>()
        .Text("address", box => box.Mailbox?.Address.ToString() ?? (box.Target.IsPort ? box.Target.Port.ToString() : null), indexed: true)
        .Text("kind", box => box.Mailbox is null ? "program" : box.Durable is null ? "volatile" : "durable", indexed: true)
        .Text("bound", box => box.Mailbox is null ? box.Target.ToString() : string.Join(' ', box.Mailbox.Bindings.Select(binding => binding.Target)))
        .Text("transport", boxes.TransportTo, indexed: true)
        .Int("waiting", Waiting)
        .Int("received", box => box.Mailbox?.Counters.Received)
        .Int("dropped", box => box.Mailbox?.Counters.Dropped)
        .Int("rejected", box => box.Mailbox?.Counters.Rejected)
        .Size("capacity", box => box.Mailbox?.Options.CapacityBytes)
        .Text("overflow", box => box.Mailbox is null ? null : box.Record.Overflow)
        .Text("tenant", box => box.Tenant, indexed: true);

    private static long? Waiting(Box box) => box.Durable is { } durable ? durable.Count
        : box.Mailbox is { Counters: var counters } ? counters.Received - counters.Taken : null;

    private static CommandSet<Box> Commands(BoxTable boxes) => new CommandSet<Box>()
        .Add(
            "bind <target> [exclusive]",
            "Binds it to a name, {type}, {type,instance} or {type,lower,upper}, /node behind or not.", (box, call, stop) =>
            boxes.BindAsync(box, MailFailure.Target(call.Word("target")), call.Has("exclusive"), stop))
        .Add("unbind <target>", "Withdraws a name.", (box, call, stop) => boxes.UnbindAsync(box, MailFailure.Target(call.Word("target")), stop))
        .Add("durable", "Keeps its messages over restarts, from now on; makes it persistent.", (box, _, stop) => boxes.MakeDurableAsync(box, stop))
        .Add("close", "Closes and removes it; what waits in it goes back.", (box, _, stop) => boxes.CloseAsync(box, stop));

    /// <summary>Only mailboxes of files can be told something; a program's is the program's.</summary>
    internal static Mailbox Demand(Box box) => box.Mailbox
        ?? throw new FileException(Errno.EPERM, $"{box.Target} is the mailbox of a program: only the program can change it.");
}
