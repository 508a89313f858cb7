using System.Globalization;
using Pewter.Machines.Qemu;
using Pewter.NineP;

namespace Pewter.Machines.Vms.Forks;

/// <summary>
/// Machines that have just booted and wait to be copied, by what they were booted from: the first machine of an image
/// boots, the others take over its state. Owns their files and processes.
/// </summary>
/// <remarks>Safe to use from many threads. A template is in memory only: a restart of the daemon forgets it, and the
/// next machine boots.</remarks>
internal sealed class WarmTemplates(VmPlace place) : IAsyncDisposable
{
    // An idle template of the built-in guest takes some 90 MB.
    private const int Most = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<TemplateKey, Task<WarmTemplate?>> _templates = [];
    private readonly Queue<TemplateKey> _order = new();
    private readonly HashSet<Task> _refills = [];
    private readonly CancellationTokenSource _stop = new();
    private long _last;

    /// <summary>
    /// The template of this key, which another may still be making; or, when there is none, the duty to make it: then
    /// the second value must be called once, with null when the boot failed.
    /// </summary>
    public (Task<WarmTemplate?> Template, Action<WarmTemplate?>? Tell) Ask(TemplateKey key)
    {
        lock (_lock)
        {
            if (_templates.TryGetValue(key, out var known))
            {
                return (known, null);
            }

            var made = new TaskCompletionSource<WarmTemplate?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _templates[key] = made.Task;
            _order.Enqueue(key);
            return (made.Task, template =>
            {
                made.SetResult(template);
                if (template is null)
                {
                    Forget(key);
                }
            });
        }
    }

    /// <summary>Takes a template from a machine that has booted and is nobody's yet.</summary>
    public async Task<WarmTemplate> MakeAsync(
        VmShape shape, VmProcess process, QmpClient monitor, string memoryPath, CancellationToken cancellation)
    {
        var group = new ForkGroup(place, shape);
        var state = place.MemoryFile(string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _last)}.state"));
        try
        {
            await VmSnapshot.TakeAsync(process, monitor, memoryPath, group, state, null, cancellation);
        }
        catch
        {
            await group.DisposeAsync();
            File.Delete(state);
            throw;
        }

        var template = new WarmTemplate(group, state);
        Refill(template);
        DropSurplus();
        return template;
    }

    /// <summary>A machine with the template's state, standing still; it is the caller's.</summary>
    public async Task<WaitingVm> TakeAsync(WarmTemplate template, CancellationToken cancellation)
    {
        var waiting = await template.Group.TakeAsync([], cancellation);
        try
        {
            await waiting.LoadAsync(template.StatePath, cancellation);
            Refill(template);
            return waiting;
        }
        catch
        {
            await waiting.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        List<Task> refills;
        List<Task<WarmTemplate?>> templates;
        lock (_lock)
        {
            (refills, templates) = ([.. _refills], [.. _templates.Values.Where(template => template.IsCompleted)]);
            _templates.Clear();
        }

        await Task.WhenAll(refills);
        foreach (var template in templates)
        {
            if (await template is { } made)
            {
                await made.DisposeAsync();
            }
        }

        _stop.Dispose();
    }

    private void Forget(TemplateKey key)
    {
        lock (_lock)
        {
            _templates.Remove(key);
            var others = _order.Where(other => other != key).ToList();
            _order.Clear();
            others.ForEach(_order.Enqueue);
        }
    }

    private void DropSurplus()
    {
        Task<WarmTemplate?>? oldest = null;
        lock (_lock)
        {
            if (_templates.Count > Most && _order.TryDequeue(out var key))
            {
                _templates.Remove(key, out oldest);
            }
        }

        if (oldest is not null)
        {
            Track(DropAsync(oldest));
        }
    }

    private void Refill(WarmTemplate template) => Track(RefillAsync(template));

    private void Track(Task task)
    {
        lock (_lock)
        {
            _refills.RemoveWhere(other => other.IsCompleted);
            _refills.Add(task);
        }
    }

    private async Task RefillAsync(WarmTemplate template)
    {
        try
        {
            await template.Group.PrepareAsync(ForkPool.Ahead, template.StatePath, _stop.Token);
        }
        catch (Exception failure) when (Nodes.NodeFailure.IsExpected(failure) || failure is OperationCanceledException)
        {
            // Whoever needs one starts it, and is told then.
        }
    }

    private static async Task DropAsync(Task<WarmTemplate?> template)
    {
        if (await template is { } made)
        {
            await made.DisposeAsync();
        }
    }
}

/// <summary>What a template was booted from.</summary>
/// <param name="Shape">The machine.</param>
/// <param name="Kernel">The kernel's file.</param>
/// <param name="Initramfs">The initramfs' file.</param>
/// <param name="CommandLine">What the kernel was told.</param>
/// <param name="Changed">When the files were changed last: one that was built anew is another.</param>
internal sealed record TemplateKey(VmShape Shape, string Kernel, string? Initramfs, string CommandLine, DateTime Changed)
{
    public static TemplateKey Of(VmShape shape, GuestImage image, string commandLine)
    {
        var kernel = File.GetLastWriteTimeUtc(image.Kernel ?? throw new FileException(Errno.EINVAL, "only a kernel's state is kept warm."));
        var initramfs = image.Initramfs is { } file ? File.GetLastWriteTimeUtc(file) : kernel;
        return new(shape, image.Kernel, image.Initramfs, commandLine, kernel > initramfs ? kernel : initramfs);
    }
}

/// <summary>A booted machine's state, and processes that have taken it over already.</summary>
/// <param name="Group">Processes over its memory.</param>
/// <param name="StatePath">The state of its devices.</param>
internal sealed record WarmTemplate(ForkGroup Group, string StatePath) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Group.DisposeAsync();
        File.Delete(StatePath);
    }
}
