using System.Buffers;
using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// One open of a ctl. Owns the unfinished line and the results of the last write; writes are serialised by a semaphore, and a write that is
/// cancelled before its first command was done has had no effect.
/// </summary>
internal sealed class CtlOpen(CtlFile file, CommandRunner runner, Caller caller, string firstRead) : TreeOpen(file)
{
    // A piece of a longer write fills the smallest message that a client may negotiate, 4096 bytes with its header.
    private const int SmallestPiece = 4000;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ArrayBufferWriter<byte> _line = new();
    private byte[]? _answer = firstRead.Length == 0 ? null : Encoding.UTF8.GetBytes(firstRead);
    private int _answered;

    /// <summary>Told when the command left over at the clunk fails.</summary>
    public Action<string, FileException>? FailedAtClose { get; init; }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            _answer ??= Encoding.UTF8.GetBytes(await runner.HelpAsync(caller, cancellation));
            var count = Math.Min(_answer.Length - _answered, buffer.Length);
            _answer.AsSpan(_answered, count).CopyTo(buffer.Span);
            _answered += count;
            return count;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            return await RunAsync(data, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask CloseAsync()
    {
        _turn.Dispose();
        if (_line.WrittenCount > 0 && await RunNextAsync("\n"u8.ToArray(), new ArrayBufferWriter<byte>(), default) is { Failure: { } failure })
        {
            FailedAtClose?.Invoke(file.Path, failure);
        }
    }

    private async ValueTask<int> RunAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        var kept = _line.WrittenCount == 0 ? [] : _line.WrittenSpan.ToArray();
        var results = new ArrayBufferWriter<byte>();
        var done = 0;
        try
        {
            while (await RunNextAsync(data[done..], results, cancellation) is { Taken: > 0 } step)
            {
                done += step.Taken;
                if (step.Failure is not null)
                {
                    throw step.Failure;
                }
            }

            _line.Write(data.Span[done..]);
            return data.Length;
        }
        catch (OperationCanceledException) when (done > 0)
        {
            return done;
        }
        catch (OperationCanceledException)
        {
            _line.ResetWrittenCount();
            _line.Write(kept);
            throw;
        }
        finally
        {
            (_answer, _answered) = (results.WrittenSpan.ToArray(), 0);
        }
    }

    // Runs the next line, if the data has one, and says how many bytes of the data it took.
    private async ValueTask<(int Taken, FileException? Failure)> RunNextAsync(
        ReadOnlyMemory<byte> data, ArrayBufferWriter<byte> results, CancellationToken cancellation)
    {
        CommandOutcome outcome = default;
        var taken = data.Length;
        try
        {
            (taken, var line) = NextLine(data);
            outcome = string.IsNullOrWhiteSpace(line) ? default : await runner.RunAsync(TargetPath, line, caller, cancellation);
        }
        catch (FileException failure)
        {
            outcome = CommandOutcome.Failed(TargetPath, "", failure);
        }

        results.Write(outcome.Lines.Span);
        return (taken, outcome.Failure);
    }

    private string TargetPath => file.Container?.Path ?? file.Path;

    // The next line to run and the bytes of the data it takes; null when what is left has to wait for more.
    private (int Taken, string? Line) NextLine(ReadOnlyMemory<byte> data)
    {
        var end = EndOfLine(data.Span);
        if (_line.WrittenCount + (end < 0 ? data.Length : end) > CtlFile.MaxLineBytes)
        {
            _line.ResetWrittenCount();
            throw new FileException(Errno.EMSGSIZE, $"A command has at most {CtlFile.MaxLineBytes} bytes.");
        }

        if (end >= 0)
        {
            _line.Write(data.Span[..end]);
            return (end + 1, TakeLine());
        }

        var isShortAndWhole = _line.WrittenCount == 0 && data.Length is > 0 and < SmallestPiece;
        return isShortAndWhole && Utf8Text.Decode(data.Span) is var text && runner.Judge(text) == LineState.Complete
            ? (data.Length, text) : (0, null);
    }

    // A newline inside quotes is part of a word where the quote ends in the same write; where it does not, somebody forgot to close it and
    // shall be told.
    private int EndOfLine(ReadOnlySpan<byte> data)
    {
        var isQuoted = _line.WrittenSpan.Count((byte)'\'') % 2 != 0;
        for (var i = 0; i < data.Length; i++)
        {
            isQuoted ^= data[i] == '\'';
            if (data[i] == '\n' && !isQuoted)
            {
                return i;
            }
        }

        return data.IndexOf((byte)'\n');
    }

    private string TakeLine()
    {
        var line = Utf8Text.Decode(_line.WrittenSpan);
        _line.ResetWrittenCount();
        return line;
    }
}
