using System.Net.Sockets;
using System.Text.Json.Nodes;
using Pewter.Machines.Qemu;
using Pewter.NineP;

namespace Pewter.Machines.Vms.Forks;

/// <summary>
/// A QEMU that was started ahead and waits, stopped, for the state of another machine. Owns the monitor and, until it
/// is taken, the process.
/// </summary>
internal sealed class WaitingVm(VmProcess process, QmpClient monitor, VmFiles files, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan LoadPatience = TimeSpan.FromSeconds(30);
    private bool _isTaken;
    private bool _isLoaded;

    public VmProcess Process => process;

    public QmpClient Monitor => monitor;

    public VmFiles Files { get; private set; } = files;

    /// <summary>Takes over the state that was saved, once; the machine stands still afterwards.</summary>
    public async ValueTask LoadAsync(string statePath, CancellationToken cancellation)
    {
        if (_isLoaded)
        {
            return;
        }

        const string Descriptor = "state";
        using (var state = File.OpenHandle(statePath))
        {
            await monitor.GiveAsync(Descriptor, state, cancellation);
        }

        await monitor.ExecuteAsync("migrate-incoming", new JsonObject { ["uri"] = $"fd:{Descriptor}" }, cancellation);
        var start = time.GetTimestamp();
        for (var status = "inmigrate"; status == "inmigrate";)
        {
            if (time.GetElapsedTime(start) > LoadPatience)
            {
                throw new FileException(Errno.ETIMEDOUT, "the saved state of the machine was not taken over in time.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), time, cancellation);
            status = (await monitor.ExecuteAsync("query-status", null, cancellation)).GetProperty("status").GetString()!;
        }

        await DropOutputAsync(cancellation);
        _isLoaded = true;
    }

    // What the parent's agent was sending when it was saved has nobody to go to. QEMU holds it and, since nobody was connected when it tried, all
    // that comes after it, until a connection is closed.
    private async ValueTask DropOutputAsync(CancellationToken cancellation)
    {
        using var agent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await agent.ConnectAsync(new UnixDomainSocketEndPoint(Files.Agent), cancellation);
    }

    /// <summary>Makes it a machine with a name and a cgroup of its own: from now on it outlives the daemon.</summary>
    public async ValueTask TakeAsync(VmFiles own, string ownCgroup)
    {
        await Task.Run(() =>
        {
            using var group = VmProcess.CreateGroup(ownCgroup);
            group.Enter(process.Id);
            own.Delete();
            Files.Rename(own);
        });
        (Files, _isTaken) = (own, true);
    }

    public async ValueTask DisposeAsync()
    {
        await monitor.DisposeAsync();
        if (!_isTaken)
        {
            await process.EndAsync(time);
            Files.Delete();
        }
    }
}
