using System.Globalization;
using System.Text;

namespace Pewter.Machines.Nodes;

/// <summary>The last lines about one node, behind its <c>log</c>. Safe to use from any thread.</summary>
internal sealed class NodeLog(TimeProvider time)
{
    // A life of a node is some ten lines; a node that flaps shall not fill the memory.
    private const int Kept = 200;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();

    public void Add(string line)
    {
        var stamp = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        lock (_lock)
        {
            _lines.Enqueue($"{stamp} {line}");
            if (_lines.Count > Kept)
            {
                _lines.Dequeue();
            }
        }
    }

    public string Text()
    {
        lock (_lock)
        {
            return _lines.Aggregate(new StringBuilder(), (text, line) => text.Append(line).Append('\n')).ToString();
        }
    }
}
