using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>One value, as in sysfs: a read gives it, each write is a whole new one, applied before the write returns.</summary>
/// <param name="read">Gives the value.</param>
/// <param name="write">Applies a value, given without its final newline; refuses with a <see cref="FileException"/>.</param>
public sealed class SettingFile(Func<string> read, Func<string, Caller, CancellationToken, ValueTask> write)
    : TreeFile(QidType.File, UnixMode.Octal(664))
{
    /// <summary>The longest value, in bytes: one that fits the smallest message, so that no value is ever split.</summary>
    public const int MaxBytes = 4000;

    /// <inheritdoc/>
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new SettingOpen(this, flags, caller));

    private sealed class SettingOpen(SettingFile file, OpenFlags flags, Caller caller) : TreeOpen(file)
    {
        public override ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
        {
            var bytes = flags.CanRead() ? Encoding.UTF8.GetBytes(file.Read() + "\n") : [];
            var rest = offset < (ulong)bytes.Length ? bytes.AsSpan((int)offset) : default;
            var count = Math.Min(rest.Length, buffer.Length);
            rest[..count].CopyTo(buffer.Span);
            return new(count);
        }

        public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            if (!flags.CanWrite())
            {
                return await base.WriteAsync(offset, data, cancellation);
            }

            if (data.Length > MaxBytes)
            {
                throw new FileException(Errno.EMSGSIZE, $"{file.Path}: a value has at most {MaxBytes} bytes.");
            }

            await file.Write(Utf8Text.Decode(data.Span).TrimEnd('\n'), caller, cancellation);
            return data.Length;
        }
    }

    private string Read() => read();

    private ValueTask Write(string value, Caller caller, CancellationToken cancellation) => write(value, caller, cancellation);
}
