using Pewter.Hosting;
using Pewter.Networks.Ports;

namespace Pewter.Networks;

/// <summary>
/// Looks again and again whether what was applied is there and applies it again when not, and takes away the ports of nodes that are gone. Ends
/// with the table.
/// </summary>
internal sealed class NetworkWatch(NetworkTable table, ServiceContext context)
{
    public async Task RunAsync()
    {
        using var timer = new PeriodicTimer(table.Limits.Watch, context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(table.Stopping))
            {
                await LookAsync();
            }
        }
        catch (OperationCanceledException) when (table.Stopping.IsCancellationRequested)
        {
            // The daemon ends.
        }
    }

    private async Task LookAsync()
    {
        await TryAsync(table.Switches.CheckAsync, "switches");
        foreach (var network in table.Book.Networks)
        {
            await TryAsync(() => IsOver(network) ? ReclaimAsync(network) : table.CheckAsync(network), network.Id);
        }

        if (await table.Nodes.AllAsync(table.Stopping) is { } nodes)
        {
            foreach (var port in table.Book.Ports.Where(port => !nodes.Contains(port.Node)))
            {
                await TryAsync(() => AbandonAsync(port), port.Key);
            }
        }
    }

    private bool IsOver(Network network) => network.Record.LeaseEnd <= context.Time.GetUtcNow()
        && network.Record.State is NetworkStates.Ready or NetworkStates.Broken;

    // The nodes stay: they have leases of their own.
    private async Task ReclaimAsync(Network network)
    {
        context.Log.Info("taking away a network whose lease has run out", ("net", network.Id));
        foreach (var port in table.Book.PortsIn(network.Number))
        {
            await DisconnectAsync(network, port);
        }

        await table.RemoveAsync(network, "its lease has run out");
    }

    private async Task AbandonAsync(PortRecord port)
    {
        foreach (var network in port.Channels.Select(channel => table.Book.Find(channel.Network)).OfType<Network>())
        {
            context.Log.Info("disconnecting what a node left behind", ("nic", port.Key), ("net", network.Id));
            await DisconnectAsync(network, port);
        }
    }

    private async Task DisconnectAsync(Network network, PortRecord port)
    {
        if (await table.Ports.DisconnectAsync(network, port.Key, isForced: true) is { } action)
        {
            await table.Ports.WaitAsync(action, table.Stopping);
        }
    }

    private async Task TryAsync(Func<Task> act, string what)
    {
        try
        {
            await act();
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure))
        {
            context.Log.Warn("a look failed", ("at", what), ("error", failure.Message));
        }
    }
}
