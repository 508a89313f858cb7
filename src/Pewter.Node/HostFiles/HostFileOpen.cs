using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Files;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Node.HostFiles;

/// <summary>An open plain file of the host.</summary>
internal sealed class HostFileOpen(ServedFile file, SafeFileHandle handle, OpenFlags flags) : OpenFile(file)
{
    public override ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation) =>
        flags.CanRead() ? Guard(() => RandomAccess.Read(handle, buffer.Span, (long)offset)) : base.ReadAsync(offset, buffer, cancellation);

    public override ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
        flags.CanWrite()
            ? Guard(() =>
            {
                RandomAccess.Write(handle, data.Span, (long)offset);
                return data.Length;
            })
            : base.WriteAsync(offset, data, cancellation);

    public override ValueTask SyncAsync(CancellationToken cancellation)
    {
        FileSync.Data(handle);
        return ValueTask.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        handle.Dispose();
        return base.DisposeAsync();
    }

    private static ValueTask<int> Guard(Func<int> act)
    {
        try
        {
            return new(act());
        }
        catch (IOException failure)
        {
            throw new FileException(Errno.EIO, failure.Message, failure);
        }
    }
}
