using System.Globalization;
using Pewter.Distribution.Blobs;
using Pewter.Distribution.Sending;
using Pewter.Hosting;
using Pewter.Tree;

namespace Pewter.Distribution;

/// <summary>
/// Files on their way to nodes, behind <c>/blob</c>: kept once on each machine under their SHA-256, passed on to peers while they arrive,
/// and shown to the nodes of
/// this machine. A cache: what nobody uses goes, and can be pushed again.
/// </summary>
public sealed class BlobService : IService
{
    private readonly BlobLimits _limits;
    private readonly CancellationTokenSource _stop = new();
    private BlobCache? _cache;
    private Task _sweeping = Task.CompletedTask;

    /// <summary>A service with these limits.</summary>
    public BlobService(BlobLimits? limits = null) => _limits = limits ?? new BlobLimits();

    /// <inheritdoc/>
    public string Name => "blob";

    /// <inheritdoc/>
    public async ValueTask StartAsync(ServiceContext context, CancellationToken cancellation)
    {
        var directory = new BlobDirectory(context);
        _cache = new BlobCache(context, directory, _limits);
        var sender = new BlobSender(context, _cache, directory, _limits);
        var blobs = new Collection<Blob>(Kind(sender), context.Time, CollectionCommands(sender));
        await _cache.StartAsync(blobs, cancellation);
        context.Root.Add("blob", blobs);
        _sweeping = SweepAsync(context.Time);
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> Status() => _cache is null ? [] :
    [
        new("blobs", _cache.Count.ToString(CultureInfo.InvariantCulture)),
        new("bytes", _cache.Bytes.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sweeping;
        if (_cache is not null)
        {
            await _cache.DisposeAsync();
        }

        _stop.Dispose();
    }

    private async Task SweepAsync(TimeProvider time)
    {
        using var timer = new PeriodicTimer(_limits.SweepInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await _cache!.SweepAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon ends.
        }
    }

    private ObjectKind<Blob> Kind(BlobSender sender) => new()
    {
        Prefix = "b",
        Fields = BlobFields(),
        States = new StateModel<Blob>(
            blob => blob.State switch { BlobState.Partial => "partial", BlobState.Receiving => "receiving", BlobState.Ready => "ready", _ => "gone" },
            ["partial", "receiving", "ready", "gone"],
            ["ready"],
            (line, blob) => line.Pair("digest", blob.Digest).Pair("size", blob.Size!.Value)),
        Commands = ObjectCommands(sender),
        Owner = blob => blob.Owner,
        Files = (directory, blob) => directory.Add("data", new BlobDataFile(blob, _limits.BytesPerUser, _cache!.ReadyAsync)),
        Create = (made, _) => new(_cache!.Make(made, "", null, null, isBundle: false)),
        CollectionCtlMode = UnixMode.Octal(666),
        IsBusy = blob => blob.State is BlobState.Ready or BlobState.Receiving,
        Reap = (blob, stop) => _cache!.ForgetAsync(blob, "Nobody needed it.", stop),
    };

    private static Fields<Blob> BlobFields() => new Fields<Blob>()
        .Text("digest", blob => blob.Digest, indexed: true)
        .Text("file", blob => blob.Name.Length > 0 ? blob.Name : null, indexed: true)
        .Size("size", blob => blob.Size)
        .Size("have", blob => blob.Have)
        .Size("sent", blob => blob.Sent)
        .Flag("bundle", blob => blob.IsBundle)
        .Time("used", blob => blob.Used);

    private CommandSet<Collection<Blob>> CollectionCommands(BlobSender sender) => new CommandSet<Collection<Blob>>()
        .Add(
            "add <digest> <size:int> [name=word] [kind=file|bundle]",
            "Finds the blob of a SHA-256, or makes one to be written to its data; a bundle's lines are DIGEST SIZE NAME.",
            async (_, call, stop) =>
            {
                var target = await _cache!.AddAsync(call, stop);
                return CommandResult.Each([(target.Path, CommandResult.Json(json =>
                {
                    json.WriteString("id", target.Id);
                    json.WriteString("state", target.Item.State.ToString().ToLowerInvariant());
                    json.WriteNumber("have", target.Item.Have);
                }))]);
            })
        .Add(
            "send <digest> <nodes...>",
            "Brings the blob of a digest to nodes, /node/n3 or /peer/b/node/n1, once to each peer on the way; says where each finds it.",
            (_, call, stop) => sender.SendAsync(_cache!.Demand(call.Word("digest"), call.Caller), call.Words("nodes"), call.Caller, stop));

    private CommandSet<Blob> ObjectCommands(BlobSender sender) => new CommandSet<Blob>()
        .Add("seal", "Says that all of it has been written; the digest is what it is then.", (blob, _, stop) => _cache!.SealAsync(blob, stop))
        .Add("file <name>", "Names it.", (blob, call) => blob.Name = call.Word("name"))
        .Add("send <nodes...>", "Brings it to nodes; says where each finds it.", (blob, call, stop) =>
            sender.SendAsync(blob, call.Words("nodes"), call.Caller, stop))
        .Add("drop", "Forgets it: here, and in the nodes of this machine.", (blob, _, stop) => _cache!.RemoveAsync(blob, "It was dropped.", stop));
}
