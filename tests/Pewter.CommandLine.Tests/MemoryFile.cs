using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.CommandLine.Tests;

/// <summary>A small tree in memory that knows only the file contract: directories, texts, links, a ctl that answers, a stream that blocks.</summary>
internal sealed class MemoryDirectory(ulong path, string name) : MemoryFile(path, name, QidType.Directory)
{
    private readonly SortedDictionary<string, MemoryFile> _children = new(StringComparer.Ordinal);

    public T Add<T>(T child)
        where T : MemoryFile
    {
        _children[child.Name] = child;
        return child;
    }

    public void Remove(string child) => _children.Remove(child);

    public override ValueTask<ServedFile?> WalkAsync(string name, Caller caller, CancellationToken cancellation) =>
        ValueTask.FromResult<ServedFile?>(_children.GetValueOrDefault(name));

    public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) => new(new Listing(this));

    private sealed class Listing(MemoryDirectory directory) : OpenFile(directory)
    {
        public override ValueTask ReadDirectoryAsync(ulong cookie, DirectoryPage page, CancellationToken cancellation)
        {
            foreach (var (child, at) in directory._children.Values.Select((child, at) => (child, (ulong)at + 1)).Where(entry => entry.Item2 > cookie))
            {
                if (!page.TryAdd(child.Qid, at, child.Name))
                {
                    break;
                }
            }

            return ValueTask.CompletedTask;
        }
    }
}

internal abstract class MemoryFile(ulong path, string name, QidType type) : ServedFile
{
    public string Name => name;

    public override Qid Qid { get; } = new(type, 0, path);

    public ulong Size { get; protected set; }

    public override ValueTask<FileStat> StatAsync(Caller caller, CancellationToken cancellation) => new(new FileStat
    {
        Qid = Qid,
        Mode = type switch { QidType.Directory => 0x41EDu, QidType.Symlink => 0xA1FFu, _ => 0x81A4u },
        User = "lab",
        Group = "staff",
        Size = Size,
        ModifiedAt = DateTimeOffset.UnixEpoch,
    });
}

internal sealed class MemoryLink(ulong path, string name, string target) : MemoryFile(path, name, QidType.Symlink)
{
    public override ValueTask<string> ReadLinkAsync(Caller caller, CancellationToken cancellation) => ValueTask.FromResult(target);

    public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        throw new FileException(Errno.EINVAL, "A link is not opened.");
}

/// <summary>A text that can be replaced; with an answer, a ctl whose reads give what the last write was answered.</summary>
internal sealed class MemoryText(ulong path, string name, string text, Func<string, string>? answer = null) : MemoryFile(path, name, QidType.File)
{
    public string Text { get; set; } = text;

    public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        if (flags.HasFlag(OpenFlags.Truncate))
        {
            Text = "";
        }

        return new ValueTask<OpenFile>(new Opened(this));
    }

    private sealed class Opened(MemoryText file) : OpenFile(file)
    {
        private string? _answer;
        private int _given;

        public override ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
        {
            var bytes = Encoding.UTF8.GetBytes(_answer ?? file.Text);
            var from = _answer is null ? (int)Math.Min(offset, (ulong)bytes.Length) : _given;
            var count = Math.Min(buffer.Length, bytes.Length - from);
            bytes.AsSpan(from, count).CopyTo(buffer.Span);
            _given = from + count;
            return ValueTask.FromResult(count);
        }

        public override ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            var written = Encoding.UTF8.GetString(data.Span);
            _given = 0;
            _answer = file.AnswerTo(written);
            file.Text = _answer is null ? file.Text + written : file.Text;
            return _answer?.Contains("\"ok\":false", StringComparison.Ordinal) == true
                ? throw new FileException(Errno.EINVAL, "A command failed.")
                : ValueTask.FromResult(data.Length);
        }
    }

    private string? AnswerTo(string written) => answer?.Invoke(written);
}

/// <summary>Lines that are there at once, and then waits; <c>since N</c> leaves out the first N.</summary>
internal sealed class MemoryStreamFile(ulong path, string name, params string[] lines) : MemoryFile(path, name, QidType.File)
{
    public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new Opened(this, lines));

    private sealed class Opened(MemoryStreamFile file, string[] lines) : OpenFile(file)
    {
        private int _next;

        public override async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
        {
            if (_next == lines.Length)
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }

            return Encoding.UTF8.GetBytes(lines[_next++] + "\n", buffer.Span);
        }

        public override ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            _next = int.Parse(Encoding.UTF8.GetString(data.Span).Trim().Split(' ')[1]);
            return ValueTask.FromResult(data.Length);
        }
    }
}
