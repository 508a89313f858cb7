using System.Globalization;

namespace Pewter.Networks.Plane;

/// <summary>The lines of one segment's server in the log of <c>pewter-netd</c>. Safe to use from any thread.</summary>
internal sealed class PlaneLog(TextWriter writer, string segment, TimeProvider time)
{
    public void Tell(string line)
    {
        lock (writer)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {segment} {line}"));
            writer.Flush();
        }
    }
}
