using System.Collections.Concurrent;

namespace Pewter.Blocks.Exports;

/// <summary>The disks that a daemon serves, by name; both engines look here at login. All members may be called at once.</summary>
public sealed class ExportTable : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Export> _exports = new(StringComparer.Ordinal);

    /// <summary>All exports, in the order of their names.</summary>
    public IReadOnlyList<Export> All => [.. _exports.Values.OrderBy(e => e.Name, StringComparer.Ordinal)];

    /// <summary>Raised with an export's name after it came or went or its access changed.</summary>
    public event EventHandler<string>? Changed;

    /// <summary>Finds an export.</summary>
    public Export? Find(string name) => _exports.GetValueOrDefault(name);

    /// <summary>Serves a device, which the table owns from now on. EEXIST when the name is taken.</summary>
    public Export Add(string name, BlockDevice device, ExportAccess access, string description = "")
    {
        var export = new Export(name, device, access, description);
        if (!_exports.TryAdd(name, export))
            throw new BlockException(BlockErrno.EEXIST, $"There is an export {name} already.");
        export.AccessChanged += (_, _) => Changed?.Invoke(this, name);
        Changed?.Invoke(this, name);
        return export;
    }

    /// <summary>Ends an export: its sessions are closed, then the device. A name that is not there is no failure.</summary>
    public async ValueTask RemoveAsync(string name)
    {
        if (!_exports.TryRemove(name, out Export? export))
            return;
        Changed?.Invoke(this, name);
        await export.RemoveAsync();
        await export.Device.DisposeAsync();
    }

    /// <summary>Ends all exports.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (Export export in All)
            await RemoveAsync(export.Name);
    }
}
