using System.Collections.Concurrent;
using System.Globalization;

namespace Pewter.Disks;

/// <summary>How far the imports under way are. All members may be called at once.</summary>
internal sealed class ImportProgress
{
    private readonly ConcurrentDictionary<string, (long Done, long Length)> _imports = new(StringComparer.Ordinal);

    /// <summary>Takes note of an import's bytes.</summary>
    public IProgress<long> Of(string name, long length) => new Counter(done => _imports[name] = (done, length));

    /// <summary>Forgets an import that has ended.</summary>
    public void End(string name) => _imports.TryRemove(name, out _);

    /// <summary>A line an import: name, bytes done, bytes in all.</summary>
    public string Render() => string.Join('\n', _imports.OrderBy(i => i.Key, StringComparer.Ordinal).Select(
        i => string.Create(CultureInfo.InvariantCulture, $"{i.Key} {i.Value.Done} {i.Value.Length}")));

    // Not Progress<T>, which reports on another thread and so in any order.
    private sealed class Counter(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
