using System.Globalization;
using Pewter.Hosting;
using Pewter.Images.Blockd;
using Pewter.Images.Library;

namespace Pewter.Images;

/// <summary>
/// Images and disks behind <c>/image</c> and <c>/disk</c>, and the disk server that serves them. The server outlives the daemon; it is found
/// again at a start, started when something needs it, and started anew when it dies.
/// </summary>
public sealed class ImageService : IService
{
    private readonly ImageServiceOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private BlockServer? _blocks;
    private ImageLibrary? _library;
    private Task _waking = Task.CompletedTask;

    /// <summary>Creates the service.</summary>
    public ImageService(ImageServiceOptions? options = null) => _options = options ?? new ImageServiceOptions();

    /// <inheritdoc/>
    public string Name => "image";

    /// <inheritdoc/>
    public async ValueTask StartAsync(ServiceContext context, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        _blocks = new BlockServer(context, _options);
        var content = await LibraryJournal.LoadAsync(context.Store, cancellation);
        _library = new ImageLibrary(context, _options, _blocks, content);
        context.Root.Add("image", _library.Images).Add("disk", _library.Disks);

        // Beside the rest of the start: disks of an earlier life are served again while the doors open.
        _waking = WakeAsync(context, _library);
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> Status()
    {
        if (_library is { } library)
        {
            yield return new("images", library.Images.Count.ToString(CultureInfo.InvariantCulture));
            yield return new("disks", library.Disks.Count.ToString(CultureInfo.InvariantCulture));
            if (_blocks?.ProcessId is { } process)
            {
                yield return new("blockd", process.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _waking;
        if (_library is not null)
        {
            await _library.DisposeAsync();
        }

        if (_blocks is not null)
        {
            await _blocks.DisposeAsync();
        }

        _stop.Dispose();
    }

    private async Task WakeAsync(ServiceContext context, ImageLibrary library)
    {
        try
        {
            while (!await TryWakeAsync(context, library))
            {
                await Task.Delay(_options.Limits.WakePeriod, context.Time, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon stops.
        }
    }

    private async ValueTask<bool> TryWakeAsync(ServiceContext context, ImageLibrary library)
    {
        try
        {
            await (library.NeedsServer ? library.RecoverAsync(_stop.Token) : library.Blocks.AdoptAsync(_stop.Token));
            return true;
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure) && failure is not OperationCanceledException)
        {
            // A disk server that was killed with the daemon may still hold its store.
            context.Log.Error("disks are not served yet", ("error", failure.Message));
            return false;
        }
    }
}
