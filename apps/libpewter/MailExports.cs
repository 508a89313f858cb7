using System.Runtime.InteropServices;
using Pewter.Mail;
using Pewter.NineP;
using Pewter.Sdk;

namespace Pewter.Native;

/// <summary>Mailboxes, their names, and messages.</summary>
internal static unsafe class MailExports
{
    [UnmanagedCallersOnly(EntryPoint = "pewter_mail")]
    internal static long Attach(byte* socket)
    {
        var path = NativeSpec.Text(socket);
        return Failures.Guard(() => Handles.Add(PewterMail.Attach(path)));
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_open")]
    internal static long Open(long mail, nint options) =>
        Failures.Guard(() => Handles.Add(new NativeMailbox(Handles.Get<PostOffice>(mail).Open(NativeMail.Options(options)))));

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_address")]
    internal static int Address(long mailbox, byte* buffer, nuint size)
    {
        var room = (nint)buffer;
        return (int)Failures.Guard(() => ConnectionExports.CopyText(Box(mailbox).Address.ToString(), room, size));
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_bind")]
    internal static int Bind(long mailbox, byte* name, int exclusive)
    {
        var text = NativeSpec.Text(name);
        return (int)Failures.Guard(() =>
        {
            var (box, target) = (Box(mailbox), Target(text));
            Blocking.Run(() => box.BindAsync(target, exclusive != 0).AsTask());
            return 0;
        });
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_unbind")]
    internal static int Unbind(long mailbox, byte* name)
    {
        var text = NativeSpec.Text(name);
        return (int)Failures.Guard(() => Box(mailbox).Unbind(Target(text)) ? 1 : 0);
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_send")]
    internal static int Send(long mailbox, byte* to, byte* body, nuint length, uint flags)
    {
        var (text, from) = (NativeSpec.Text(to), (nint)body);
        return (int)Failures.Guard(() =>
        {
            var (box, target, options) = (Box(mailbox), Target(text), NativeMail.Options(flags));
            var bytes = new ReadOnlySpan<byte>((void*)from, Length(length));
            if ((flags & NativeMail.NoWait) == 0)
            {
                box.Send(target, bytes, options);
                return 0;
            }

            return Accepted(box.TrySend(target, bytes, options), target.ToString());
        });
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_multicast")]
    internal static int Multicast(long mailbox, byte* to, byte* body, nuint length, uint flags)
    {
        var (text, from) = (NativeSpec.Text(to), (nint)body);
        return (int)Failures.Guard(() =>
        {
            var (box, target, options, bytes) = (Box(mailbox), Target(text), NativeMail.Options(flags), Bytes(from, length));
            return Blocking.Run(() => box.MulticastAsync(target, bytes, options).AsTask());
        });
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_receive")]
    internal static int Receive(long mailbox, long timeoutMilliseconds, byte* body, nuint size, nint message)
    {
        var room = (nint)body;
        return (int)Failures.Guard(() => Handles.Get<NativeMailbox>(mailbox).Receive(Time(timeoutMilliseconds), next =>
        {
            NativeMail.Write(message, next);
            return (nuint)next.Body.Length <= size && next.Body.Span.TryCopyTo(new Span<byte>((void*)room, next.Body.Length));
        }) ? 1 : 0);
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_reply")]
    internal static int Reply(long mailbox, nint request, byte* body, nuint length)
    {
        var from = (nint)body;
        return (int)Failures.Guard(() =>
        {
            var (to, number, importance) = NativeMail.Request(request);
            var reason = Box(mailbox).Reply(to, number, new ReadOnlySpan<byte>((void*)from, Length(length)), importance);
            return Accepted(reason, to.ToString());
        });
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_request")]
    internal static nint Request(long mailbox, byte* to, byte* body, nuint length, long deadlineMilliseconds, byte* answer, nuint size)
    {
        var (text, from, room) = (NativeSpec.Text(to), (nint)body, (nint)answer);
        return (nint)Failures.Guard(() =>
        {
            var (box, target, bytes, deadline) = (Box(mailbox), Target(text), Bytes(from, length), Time(deadlineMilliseconds));
            var reply = Blocking.Run(() => box.RequestAsync(target, bytes, deadline).AsTask()).Body.Span;
            reply[..(int)Math.Min((nuint)reply.Length, size)].CopyTo(new Span<byte>((void*)room, (int)Math.Min(size, int.MaxValue)));
            return reply.Length;
        });
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_connect")]
    internal static long Connect(long mailbox, byte* to, long deadlineMilliseconds)
    {
        var text = NativeSpec.Text(to);
        return Failures.Guard(() =>
        {
            var (box, target, deadline) = (Box(mailbox), Target(text), Time(deadlineMilliseconds));
            return Handles.Add(Blocking.Run(() => box.ConnectAsync(target, deadline).AsTask()));
        });
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_accept")]
    internal static long Accept(long mailbox) => Failures.Guard(() => Handles.Add(Handles.Get<NativeMailbox>(mailbox).Accept()));

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_join")]
    internal static long Join(long mailbox, uint group, uint member) => Failures.Guard(() =>
    {
        var box = Box(mailbox);
        return Handles.Add(Blocking.Run(() => box.JoinAsync(group, member).AsTask()));
    });

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_broadcast")]
    internal static int Broadcast(long membership, byte* body, nuint length)
    {
        var from = (nint)body;
        return (int)Failures.Guard(() =>
        {
            var (group, bytes) = (Handles.Get<MailGroup>(membership), Bytes(from, length));
            return Blocking.Run(() => group.BroadcastAsync(bytes).AsTask());
        });
    }

    internal static MailTarget Target(string? text) => MailTarget.Parse(text ?? "");

    internal static TimeSpan Time(long milliseconds) => milliseconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(milliseconds);

    private static Mailbox Box(long handle) => Handles.Get<NativeMailbox>(handle).Box;

    private static long Accepted(RejectReason reason, string target) =>
        reason == RejectReason.None ? 0 : throw MailException.Rejected(reason, target);

    private static int Length(nuint length) => length <= int.MaxValue ? (int)length
        : throw new FileException(Errno.EMSGSIZE, $"A message of {length} bytes is too large: send a stream, or pieces.");

    private static byte[] Bytes(nint from, nuint length) => new ReadOnlySpan<byte>((void*)from, Length(length)).ToArray();
}
