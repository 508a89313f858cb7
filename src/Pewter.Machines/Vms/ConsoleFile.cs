using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Machines.Vms;

/// <summary>
/// A console as a file: reads follow what the machine says, from the oldest byte kept; writes are typed.
/// </summary>
internal sealed class ConsoleFile(VmConsole console, ByteStream output) : TreeFile(QidType.File, UnixMode.Octal(660))
{
    /// <inheritdoc/>
    protected override async ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        await console.ConnectAsync(cancellation);
        return new ConsoleOpen(this, console, flags.CanRead() ? output.Attach() : null, flags.CanWrite());
    }

    private sealed class ConsoleOpen(ConsoleFile file, VmConsole console, ByteCursor? cursor, bool canWrite) : TreeOpen(file)
    {
        public override ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation) =>
            cursor?.ReadAsync(buffer, cancellation) ?? new(0);

        public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            if (!canWrite)
            {
                return await base.WriteAsync(offset, data, cancellation);
            }

            await console.TypeAsync(data, cancellation);
            return data.Length;
        }

        protected override ValueTask CloseAsync()
        {
            cursor?.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
