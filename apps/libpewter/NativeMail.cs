using System.Runtime.InteropServices;
using System.Text;
using Pewter.Mail;
using Pewter.NineP;

namespace Pewter.Native;

/// <summary>The structs of mail in pewter.h, byte for byte, and what they mean.</summary>
internal static unsafe class NativeMail
{
    private const int AddressBytes = 64;
    private const int NameBytes = 320;
    private const uint ImportanceMask = 3;
    private const uint Unreliable = 4;
    private const uint Near = 8;

    /// <summary>Do not wait for room.</summary>
    internal const uint NoWait = 16;

    /// <summary>How to send, by a caller's flags.</summary>
    internal static SendOptions Options(uint flags) => flags < 2 * NoWait
        ? new SendOptions
        {
            Importance = (Importance)(flags & ImportanceMask), IsUnreliable = (flags & Unreliable) != 0, PrefersNear = (flags & Near) != 0,
        }
        : throw new FileException(Errno.EINVAL, "There are send flags that this libpewter does not know.");

    /// <summary>How a mailbox is to be, by a caller's struct or null.</summary>
    internal static MailboxOptions Options(nint pointer)
    {
        if (pointer == 0)
        {
            return MailboxOptions.Default;
        }

        SizeOf<Mailbox>(pointer, "struct pewter_mailbox");
        var given = (Mailbox*)pointer;
        return given->Overflow is >= 0 and <= (int)OverflowPolicy.DropOldest && given->Capacity >= 0
            ? new MailboxOptions
            {
                CapacityBytes = given->Capacity > 0 ? given->Capacity : MailboxOptions.Default.CapacityBytes,
                Overflow = (OverflowPolicy)given->Overflow,
            }
            : throw new FileException(Errno.EINVAL, "struct pewter_mailbox: a capacity or an overflow that there is not.");
    }

    /// <summary>Fills a caller's struct pewter_message.</summary>
    internal static void Write(nint pointer, in MailMessage message)
    {
        var size = SizeOf<Message>(pointer, "struct pewter_message");
        var native = new Message
        {
            Size = size, Length = (nuint)message.Body.Length, Kind = (int)message.Kind, Reason = (int)message.Reason,
            Request = message.IsRequest ? message.Request : 0, Type = message.Service?.Type ?? 0, Instance = message.Service?.Lower ?? 0,
            Importance = (int)message.Importance, Multicast = message.IsMulticast ? 1u : 0,
        };
        Copy(message.From.ToString(), native.From, AddressBytes);
        *(Message*)pointer = native;
    }

    /// <summary>Whose request a caller's struct pewter_message is, its number and importance.</summary>
    internal static (PortAddress From, ulong Request, Importance Importance) Request(nint pointer)
    {
        SizeOf<Message>(pointer, "struct pewter_message");
        var given = (Message*)pointer;
        return given->Request != 0 && PortAddress.TryParse(Marshal.PtrToStringUTF8((nint)given->From), out var from)
            ? (from, given->Request, (Importance)(given->Importance & (int)ImportanceMask))
            : throw new FileException(Errno.EINVAL, "struct pewter_message: only a request is answered; send to the message's from instead.");
    }

    /// <summary>Fills a caller's struct pewter_event.</summary>
    internal static void Write(nint pointer, in NameEvent happened)
    {
        var native = new Event { Size = SizeOf<Event>(pointer, "struct pewter_event"), Kind = 1 + (int)happened.Kind };
        Copy(happened.Port.IsNone ? "" : happened.Port.ToString(), native.From, AddressBytes);
        Copy(happened.Target.ToString(), native.Name, NameBytes);
        *(Event*)pointer = native;
    }

    private static nuint SizeOf<T>(nint pointer, string name)
        where T : unmanaged => pointer != 0 && *(nuint*)pointer == (nuint)sizeof(T)
        ? (nuint)sizeof(T)
        : throw new FileException(Errno.EINVAL, $"{name}: set its size to sizeof({name}).");

    private static void Copy(string text, byte* room, int bytes) => Encoding.UTF8.TryGetBytes(text, new Span<byte>(room, bytes - 1), out _);

    [StructLayout(LayoutKind.Sequential)]
    private struct Mailbox
    {
        public nuint Size;
        public int Capacity;
        public int Overflow;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public nuint Size;
        public nuint Length;
        public int Kind;
        public int Reason;
        public ulong Request;
        public uint Type;
        public uint Instance;
        public int Importance;
        public uint Multicast;
        public fixed byte From[AddressBytes];
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Event
    {
        public nuint Size;
        public int Kind;
        public uint Reserved;
        public fixed byte From[AddressBytes];
        public fixed byte Name[NameBytes];
    }
}
