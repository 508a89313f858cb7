using System.Runtime.InteropServices;
using System.Text;
using Pewter.Mail;
using Pewter.Sdk;

namespace Pewter.Native;

/// <summary>The library itself, connections, and files of the tree.</summary>
internal static unsafe class ConnectionExports
{
    private const int Version = 2;

    [UnmanagedCallersOnly(EntryPoint = "pewter_abi")]
    internal static int Abi() => Version;

    [UnmanagedCallersOnly(EntryPoint = "pewter_error")]
    internal static nint Error() => Failures.Sentence;

    [UnmanagedCallersOnly(EntryPoint = "pewter_connect")]
    internal static long Connect(byte* address, byte* token)
    {
        var (where, secret) = (NativeSpec.Text(address), NativeSpec.Text(token));
        return Failures.Guard(() => Handles.Add(Blocking.Connect(where, secret)));
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_close")]
    internal static int Close(long handle) => (int)Failures.Guard(() =>
    {
        switch (Handles.Remove(handle))
        {
            case PewterClient client:
                client.Close();
                break;
            case NativeGroup group:
                group.Group.Close();
                break;
            case ProcessSession process:
                process.Close();
                break;
            case PostOffice office:
                Blocking.Run(() => office.DisposeAsync().AsTask());
                break;
            case MailGroup membership:
                Blocking.Run(() => membership.DisposeAsync().AsTask());
                break;
            case IDisposable other:
                other.Dispose();
                break;
        }

        return 0;
    });

    [UnmanagedCallersOnly(EntryPoint = "pewter_read_file")]
    internal static nint ReadFile(long connection, byte* path, byte* buffer, nuint size)
    {
        var (name, target) = (NativeSpec.Text(path) ?? "", (nint)buffer);
        return (nint)Failures.Guard(() =>
        {
            var client = Handles.Get<PewterClient>(connection);
            var content = Blocking.Run(() => client.Tree.ReadBytesAsync(name).AsTask());
            content.AsSpan(0, (int)Math.Min((nuint)content.Length, size)).CopyTo(new Span<byte>((void*)target, (int)Math.Min(size, int.MaxValue)));
            return content.Length;
        });
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_command")]
    internal static int Command(long connection, byte* ctl, byte* line)
    {
        var (path, words) = (NativeSpec.Text(ctl) ?? "", NativeSpec.Text(line) ?? "");
        return (int)Failures.Guard(() =>
        {
            var client = Handles.Get<PewterClient>(connection);
            Blocking.Run(() => client.TellAsync(path, words).AsTask());
            return 0;
        });
    }

    /// <summary>Copies a text into a caller's room, cut and ended with 0 as snprintf does; returns the whole length.</summary>
    internal static int CopyText(string text, nint buffer, nuint size)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (size > 0)
        {
            var room = new Span<byte>((void*)buffer, (int)Math.Min(size, int.MaxValue));
            var part = Math.Min(bytes.Length, room.Length - 1);
            bytes.AsSpan(0, part).CopyTo(room);
            room[part] = 0;
        }

        return bytes.Length;
    }
}
