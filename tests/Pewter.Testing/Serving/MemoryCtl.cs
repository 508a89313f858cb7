using System.Collections.Concurrent;
using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Testing.Serving;

/// <summary>A ctl: `fail` is EINVAL, `busy` EBUSY, `block` waits for ever, anything else is noted; a read gives the last write's results.</summary>
public sealed class MemoryCtl : MemoryFile
{
    private int _blocked;

    public MemoryCtl()
        : base(QidType.File) => Mode = 0x1B0;

    public ConcurrentQueue<string> Commands { get; } = [];

    /// <summary>Writes that wait at this moment.</summary>
    public int Blocked => Volatile.Read(ref _blocked);

    public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, flags);
        return new(new Opened(this, ""));
    }

    /// <summary>An open as <c>clone</c> gives it, whose first read is the id.</summary>
    public OpenFile OpenAs(string firstRead) => new Opened(this, firstRead);

    private async ValueTask<string> RunAsync(string command, CancellationToken cancellation)
    {
        switch (command)
        {
            case "fail":
                return """{"ok":false,"errno":22,"error":"No such command."}""";
            case "busy":
                throw new FileException(Errno.EBUSY, "It is in use.");
            case "block":
                Interlocked.Increment(ref _blocked);
                try
                {
                    await Task.Delay(Timeout.Infinite, cancellation);
                }
                finally
                {
                    Interlocked.Decrement(ref _blocked);
                }

                break;
        }

        Commands.Enqueue(command);
        return $$"""{"ok":true,"command":"{{command}}"}""";
    }

    private sealed class Opened(MemoryCtl ctl, string firstRead) : OpenFile(ctl)
    {
        private byte[] _results = Encoding.UTF8.GetBytes(firstRead);
        private int _read;

        public override bool TryRead(ulong offset, Span<byte> buffer, out int count)
        {
            var results = _results.AsSpan(_read);
            count = Math.Min(results.Length, buffer.Length);
            results[..count].CopyTo(buffer);
            _read += count;
            return true;
        }

        public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            var results = new StringBuilder();
            foreach (var line in Encoding.UTF8.GetString(data.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                results.Append(await ctl.RunAsync(line, cancellation)).Append('\n');
            _results = Encoding.UTF8.GetBytes(results.ToString());
            _read = 0;
            if (results.ToString().Contains("\"ok\":false", StringComparison.Ordinal))
                throw new FileException(Errno.EINVAL, "No such command.");
            return data.Length;
        }
    }
}
