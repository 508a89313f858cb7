using System.Runtime.InteropServices;
using Pewter.Mail;
using Pewter.NineP;
using Pewter.Sdk;

namespace Pewter.Native;

/// <summary>Names that come and go, and how far it is to a mailbox.</summary>
internal static class NameExports
{
    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_service_exists")]
    internal static unsafe int Exists(long mail, byte* name, long timeoutMilliseconds)
    {
        var text = NativeSpec.Text(name);
        return (int)Failures.Guard(() =>
        {
            var (office, target, timeout) = (Handles.Get<PostOffice>(mail), MailExports.Target(text), MailExports.Time(timeoutMilliseconds));
            return Blocking.Run(() => office.ServiceExistsAsync(target, timeout).AsTask()) ? 1 : 0;
        });
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_subscribe")]
    internal static unsafe long Subscribe(long mail, byte* name, int each, long timeoutMilliseconds)
    {
        var text = NativeSpec.Text(name);
        return Failures.Guard(() =>
        {
            var (office, target, timeout) = (Handles.Get<PostOffice>(mail), MailExports.Target(text), MailExports.Time(timeoutMilliseconds));
            var filter = each != 0 ? NameFilter.Ports : NameFilter.Service;
            return Handles.Add(Blocking.Run(() => office.SubscribeAsync(target, filter, timeout).AsTask()));
        });
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_next_event")]
    internal static int NextEvent(long subscription, long timeoutMilliseconds, nint happened) => (int)Failures.Guard(() =>
    {
        var (events, timeout) = (Handles.Get<NameSubscription>(subscription), MailExports.Time(timeoutMilliseconds));
        if (Blocking.Run(() => NextAsync(events, timeout)) is not { } next)
        {
            return 0;
        }

        NativeMail.Write(happened, next);
        return 1;
    });

    [UnmanagedCallersOnly(EntryPoint = "pewter_mail_transport")]
    internal static unsafe int Transport(long mail, byte* address)
    {
        var text = NativeSpec.Text(address);
        return (int)Failures.Guard(() => (int)Handles.Get<PostOffice>(mail).TransportTo(
            PortAddress.TryParse(text, out var port) ? port : throw new FileException(Errno.EINVAL, $"'{text}' is no mailbox's address.")));
    }

    private static async Task<NameEvent?> NextAsync(NameSubscription events, TimeSpan timeout)
    {
        if (events.TryRead(out var there))
        {
            return there;
        }

        using var limit = new CancellationTokenSource(timeout);
        try
        {
            return await events.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
