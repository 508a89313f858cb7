using System.Runtime.InteropServices;
using Pewter.NineP;
using Pewter.Sdk;

namespace Pewter.Native;

/// <summary>Input and output of processes, and of streams between mailboxes.</summary>
internal static unsafe class StreamExports
{
    private const int Pieces = 1 << 20;

    [UnmanagedCallersOnly(EntryPoint = "pewter_open")]
    internal static long Open(long process, int stream) => Failures.Guard(() =>
    {
        var session = ProcessExports.SessionOf(process);
        return Handles.Add(stream switch
        {
            0 => session.OpenInput(),
            1 => session.OpenOutput(),
            2 => session.OpenErrors(),
            _ => throw new FileException(Errno.EINVAL, $"There is no stream {stream}: PEWTER_STDIN, PEWTER_STDOUT or PEWTER_STDERR."),
        });
    });

    [UnmanagedCallersOnly(EntryPoint = "pewter_read")]
    internal static nint Read(long stream, byte* buffer, nuint size)
    {
        var room = (nint)buffer;
        return (nint)Failures.Guard(() =>
        {
            var bytes = new byte[Math.Min(size, Pieces)];
            var count = Handles.Get<Stream>(stream).Read(bytes, 0, bytes.Length);
            bytes.AsSpan(0, count).CopyTo(new Span<byte>((void*)room, count));
            return count;
        });
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_write")]
    internal static nint Write(long stream, byte* data, nuint size)
    {
        var source = (nint)data;
        return (nint)Failures.Guard(() =>
        {
            var target = Handles.Get<Stream>(stream);
            for (nuint at = 0; at < size;)
            {
                var piece = new ReadOnlySpan<byte>((byte*)source + at, (int)Math.Min(size - at, Pieces)).ToArray();
                target.Write(piece, 0, piece.Length);
                at += (nuint)piece.Length;
            }

            return (long)size;
        });
    }

    [UnmanagedCallersOnly(EntryPoint = "pewter_end_input")]
    internal static int EndInput(long process) => (int)Failures.Guard(() =>
    {
        ProcessExports.SessionOf(process).EndInput();
        return 0;
    });

    [UnmanagedCallersOnly(EntryPoint = "pewter_splice")]
    internal static int Splice(long process, byte* path, int from)
    {
        var source = NativeSpec.Text(path) ?? "";
        return (int)Failures.Guard(() =>
        {
            ProcessExports.SessionOf(process).SpliceFrom(source, from);
            return 0;
        });
    }
}
