using System.Buffers;
using System.Globalization;
using System.Text;
using Pewter.Tree;

namespace Pewter.Hosting.Logging;

/// <summary>
/// The log of one part of a daemon: logfmt lines <c>time=… level=… part=… msg=… key=value</c>. Secrets are never given
/// to it. May be used from any thread.
/// </summary>
public sealed class Log
{
    private readonly LogSink _sink;
    private readonly string _part;

    internal Log(LogSink sink, string part) => (_sink, _part) = (sink, part);

    /// <summary>Whether messages of this level are written, for those that cost something to make.</summary>
    public bool IsOn(LogLevel level) => level >= _sink.Level;

    /// <summary>For whoever looks for a fault.</summary>
    public void Debug(string message, params ReadOnlySpan<(string Key, object? Value)> fields) => Write(LogLevel.Debug, message, fields);

    /// <summary>What the daemon does.</summary>
    public void Info(string message, params ReadOnlySpan<(string Key, object? Value)> fields) => Write(LogLevel.Info, message, fields);

    /// <summary>Something is not as it should be, and goes on.</summary>
    public void Warn(string message, params ReadOnlySpan<(string Key, object? Value)> fields) => Write(LogLevel.Warn, message, fields);

    /// <summary>Something failed that somebody asked for.</summary>
    public void Error(string message, params ReadOnlySpan<(string Key, object? Value)> fields) => Write(LogLevel.Error, message, fields);

    private void Write(LogLevel level, string message, ReadOnlySpan<(string Key, object? Value)> fields)
    {
        if (!IsOn(level))
        {
            return;
        }

        var buffer = new ArrayBufferWriter<byte>();
        var time = _sink.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var line = new Logfmt(buffer).Path($"time={time}").Pair("level", level.ToString().ToLowerInvariant())
            .Pair("part", _part).Pair("msg", message);
        foreach (var (key, value) in fields)
        {
            line.Pair(key, Convert.ToString(value, CultureInfo.InvariantCulture));
        }

        line.End();
        _sink.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }
}
