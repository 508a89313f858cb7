using Microsoft.Win32.SafeHandles;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Node.Sessions;

/// <summary>A session's memory by address, as <c>/proc/PID/mem</c>; for its owner.</summary>
internal sealed class MemoryFile(NodeProcess process) : TreeFile(QidType.File, UnixMode.Octal(600))
{
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        var access = flags.CanWrite() ? FileAccess.ReadWrite : FileAccess.Read;
        var path = $"/proc/{DebugDirectory.RunningId(process)}/mem";
        return new(new MemoryOpen(this, File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite)));
    }

    private sealed class MemoryOpen(TreeFile file, SafeFileHandle memory) : TreeOpen(file)
    {
        public override ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation) =>
            new(At(offset, address => RandomAccess.Read(memory, buffer.Span, address)));

        public override ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
            new(At(offset, address =>
            {
                RandomAccess.Write(memory, data.Span, address);
                return data.Length;
            }));

        protected override ValueTask CloseAsync()
        {
            memory.Dispose();
            return ValueTask.CompletedTask;
        }

        private static int At(ulong offset, Func<long, int> act)
        {
            try
            {
                return offset <= long.MaxValue ? act((long)offset) : throw new FileException(Errno.EFAULT, "No memory at this address.");
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new FileException(Errno.EFAULT, "No memory at this address.", failure);
            }
        }
    }
}
