using System.Threading.Channels;
using Pewter.Hosting;
using Pewter.NineP;
using Pewter.Peers.Links;
using Pewter.Store;

namespace Pewter.Peers;

/// <summary>
/// Writes what happens to peers into the journal of events and the log, in order and without making anybody wait. Owns one task.
/// </summary>
internal sealed class PeerJournal : IAsyncDisposable
{
    /// <summary>Events not yet written. A thousand peers lost at once fit; more are not told one by one.</summary>
    private const int Waiting = 4096;

    private readonly Channel<(string Event, string Peer, string? Reason)> _events = Channel.CreateBounded<(string, string, string?)>(
        new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly ServiceContext _context;
    private readonly Task _writing;

    public PeerJournal(ServiceContext context)
    {
        _context = context;
        _writing = WriteAsync();
    }

    public void Tell(string name, Peer peer, string? reason) => Tell(name, peer.Name, reason);

    public void Tell(string name, string peer, string? reason) => _events.Writer.TryWrite((name, peer, reason));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        await _writing;
    }

    private async Task WriteAsync()
    {
        await foreach (var (name, peer, reason) in _events.Reader.ReadAllAsync())
        {
            _context.Log.Info(name, ("peer", peer), ("reason", reason));
            try
            {
                await _context.Events.AppendAsync(name, "/peer/" + peer, members: json =>
                {
                    if (reason is not null)
                    {
                        json.WriteString("reason", reason);
                    }
                });
            }
            catch (Exception failure) when (failure is StoreException or FileException)
            {
                _context.Log.Warn("an event could not be journalled", ("event", name), ("error", failure.Message));
            }
        }
    }
}
