using Pewter.Hosting;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Networks.Addresses;
using Pewter.Networks.Plane.Boot;
using Pewter.Tree;

namespace Pewter.Networks;

/// <summary>
/// The directory <c>/net/ID/boot</c>: a file for each hardware address that says what the machine boots. Every address may be written; those that are
/// listed are the members', and those for which something is set. An empty text sets nothing.
/// </summary>
internal sealed class BootDirectory(NetworkTable table, Network network) : TreeDirectory
{
    /// <inheritdoc/>
    protected override async ValueTask<ServedFile?> FindAsync(string name, Caller caller, CancellationToken cancellation)
    {
        if (name == BootPlan.Default || Hardware.Normalise(name) == name)
        {
            await AddAsync(name, caller, cancellation);
        }

        return await base.FindAsync(name, caller, cancellation);
    }

    /// <inheritdoc/>
    protected override async ValueTask ListAsync(ulong cookie, DirectoryPage page, Caller caller, CancellationToken cancellation)
    {
        foreach (var mac in table.Book.PortsIn(network.Number).Select(port => port.Mac).Union(network.Record.Boot.Keys).Append(BootPlan.Default)
            .Distinct().Order(StringComparer.Ordinal))
        {
            await AddAsync(mac, caller, cancellation);
        }

        await base.ListAsync(cookie, page, caller, cancellation);
    }

    /// <summary>Sets what a machine boots; served when this returns.</summary>
    public static async Task SetAsync(NetworkTable table, Network network, string mac, string text, Caller caller)
    {
        if (text.Trim().Length > 0)
        {
            BootTarget.Parse(text).Check(caller);
        }

        try
        {
            await table.ChangeAsync(network, record =>
            {
                var boot = new Dictionary<string, string>(record.Boot, StringComparer.Ordinal);
                boot.Remove(mac);
                if (text.Trim().Length > 0)
                {
                    boot[mac] = text;
                }

                return record with { Boot = boot };
            });
            await table.ServeAsync(network);
        }
        catch (Exception failure) when (failure is not FileException && ServiceFailure.IsExpected(failure))
        {
            throw ServiceFailure.From(failure, $"the boot of {mac} on {network.Record.Label}");
        }
    }

    private async ValueTask AddAsync(string mac, Caller caller, CancellationToken cancellation)
    {
        if (await base.FindAsync(mac, caller, cancellation) is not null)
        {
            return;
        }

        try
        {
            Add(mac, new SettingFile(
                () => network.Record.Boot.GetValueOrDefault(mac, ""),
                (text, writer, _) => new ValueTask(SetAsync(table, network, mac, text, writer)))
            { Mode = UnixMode.Octal(660) });
        }
        catch (ArgumentException)
        {
            // Somebody else looked at the same time.
        }
    }
}
