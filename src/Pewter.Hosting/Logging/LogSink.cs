namespace Pewter.Hosting.Logging;

/// <summary>Where the lines of all logs of a daemon go. Owns the writer; one lock, held for a line. The level may change at any time.</summary>
public sealed class LogSink : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TextWriter _writer;
    private readonly bool _ownsWriter;

    /// <summary>Writes to a writer, which it does not own.</summary>
    public LogSink(TextWriter writer, TimeProvider time) => (_writer, Time) = (writer, time);

    private LogSink(StreamWriter file, TimeProvider time) => (_writer, Time, _ownsWriter) = (file, time, true);

    /// <summary>The least important messages that are written.</summary>
    public LogLevel Level { get; set; } = LogLevel.Info;

    internal TimeProvider Time { get; }

    /// <summary>Appends to a file that only its owner may read.</summary>
    public static LogSink ToFile(string path, TimeProvider time)
    {
        var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        return new LogSink(new StreamWriter(stream) { AutoFlush = true }, time);
    }

    /// <summary>A log whose lines name this part of the daemon.</summary>
    public Log For(string part) => new(this, part);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_ownsWriter)
            {
                _writer.Dispose();
            }
        }
    }

    internal void Write(string line)
    {
        lock (_lock)
        {
            _writer.Write(line);
        }
    }
}
