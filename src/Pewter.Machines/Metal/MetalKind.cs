using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Pewter.Bmc;
using Pewter.Hosting;
using Pewter.Machines.Nodes;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Machines.Metal;

/// <summary>
/// Nodes that are physical machines: taken from the inventory, connected, given something to boot and switched on. What was done last is undone
/// first: console closed, off and seen off, boot files gone, networks off, machine free.
/// </summary>
/// <remarks>Its options (machine, net, image, boot) are declared by virtual machines already, with the same meaning.</remarks>
internal sealed class MetalKind : INodeKind, IPowersNodes
{
    private const string Machine = "machine";
    private static readonly string[] Devices = ["disk", "net"];

    private readonly ConcurrentDictionary<string, MetalConsole> _consoles = new(StringComparer.Ordinal);
    private MetalInventory? _inventory;
    private ServiceContext? _context;

    /// <inheritdoc/>
    public string Name => "metal";

    /// <summary>Machines do not share anything that would be crowded.</summary>
    public int Parallel => 64;

    /// <inheritdoc/>
    public IReadOnlyList<NodeStep> Steps =>
    [
        new("machine", ClaimAsync, (work, cancellation) => Inventory.FreeAsync(work.Record.Id, cancellation)) { Stays = true },
        new("network", ConnectAsync, DisconnectAsync) { Stays = true, Applies = record => Networks(record.Spec).Length > 0 },
        new("loader", OfferAsync, WithdrawAsync) { Stays = true, Applies = record => BootsFromNetwork(record.Spec) },
        new("power", SwitchOnAsync, SwitchOffAsync),
    ];

    private MetalInventory Inventory => _inventory!;

    /// <summary>Given by the service, before any other member is called.</summary>
    public void Use(MetalInventory inventory, ServiceContext context) => (_inventory, _context) = (inventory, context);

    /// <inheritdoc/>
    public NodeSpec Check(NodeSpec spec, Caller caller)
    {
        if (spec.Options.Keys.FirstOrDefault(key => key is not ("machine" or "net" or "image" or "boot")) is { } unknown)
        {
            throw new FileException(Errno.EINVAL, $"A physical machine has no {unknown}.");
        }

        if (spec.Processes is not null || spec.Root is not null)
        {
            throw new FileException(Errno.EINVAL, "A physical machine has neither pids nor root.");
        }

        if (spec.Options.ContainsKey("image") && Networks(spec).Length == 0)
        {
            throw new FileException(Errno.EINVAL, "An image is booted over a network; say which with net=.");
        }

        return spec;
    }

    /// <inheritdoc/>
    public ValueTask<bool> AdoptAsync(NodeWork work, CancellationToken cancellation) => new(Inventory.Of(work.Record.Id) is not null);

    /// <inheritdoc/>
    public bool IsAlive(NodeRecord record) => Inventory.Of(record.Id) is { Power: not PowerState.Off };

    /// <inheritdoc/>
    public string CauseOfEnd(NodeRecord record) => "the machine was switched off";

    /// <inheritdoc/>
    public string? AgentSocket(NodeRecord record) => null;

    /// <inheritdoc/>
    public ValueTask<NodeFacts> DescribeAsync(Node node, CancellationToken cancellation)
    {
        var machine = Inventory.Of(node.Id)?.Record;
        return new(new NodeFacts { Cpus = machine?.Cpus, MemoryBytes = machine?.MemoryBytes });
    }

    /// <inheritdoc/>
    public void AddFiles(TreeDirectory directory, Node node) => directory.Add(
        "console", _consoles.GetOrAdd(node.Id, id => new MetalConsole(Inventory, id, _context!.Time)));

    /// <inheritdoc/>
    public async ValueTask AskToStopAsync(Node node, TimeSpan grace, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(grace);
        try
        {
            var machine = Of(node.Record);
            await Inventory.WithControllerAsync(
                machine,
                async (bmc, token) =>
                {
                    await bmc.SetPowerAsync(PowerAction.SoftOff, token);
                    while (await bmc.PowerAsync(token) == PowerState.On)
                    {
                        await Task.Delay(Inventory.Limits.PowerPoll, _context!.Time, token);
                    }

                    return true;
                },
                patience.Token);
        }
        catch (Exception failure) when (failure is FileException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            node.Log.Add($"it did not stop by itself: {failure.Message}");
        }
    }

    /// <inheritdoc/>
    public ValueTask<NodeSpec> SetBootDeviceAsync(Node node, string device, CancellationToken cancellation)
    {
        if (!Devices.Contains(device))
        {
            throw new FileException(Errno.EINVAL, $"A physical machine boots from {string.Join(" or ", Devices)}, not from '{device}'.");
        }

        var spec = node.Record.Spec;
        return new(spec with { Options = new Dictionary<string, string>(spec.Options, StringComparer.Ordinal) { ["boot"] = device } });
    }

    /// <inheritdoc/>
    public ValueTask SuspendAsync(Node node, bool suspend, CancellationToken cancellation) =>
        throw new FileException(Errno.EOPNOTSUPP, $"{node.Id} is a physical machine, which cannot stand still.");

    private static string[] Networks(NodeSpec spec) =>
        spec.Options.TryGetValue("net", out var networks) ? networks.Split(',', StringSplitOptions.RemoveEmptyEntries) : [];

    private static bool BootsFromNetwork(NodeSpec spec) =>
        Networks(spec).Length > 0 && spec.Options.ContainsKey("image") && spec.Options.GetValueOrDefault("boot") != "disk";

    private MetalMachine Of(NodeRecord record) => Inventory.Of(record.Id)
        ?? throw new FileException(Errno.EIO, $"{record.Id} has no machine any more.");

    private async ValueTask ClaimAsync(NodeWork work, CancellationToken cancellation)
    {
        var spec = work.Spec;
        var machine = await Inventory.ClaimAsync(
            work.Record.Id,
            each => (spec.Options.GetValueOrDefault(Machine) is not { } wanted || wanted == each.Name || wanted == each.Id)
                && each.Macs.Count >= Networks(spec).Length
                && (spec.Cpus is null || each.Cpus >= spec.Cpus) && (spec.MemoryBytes is null || each.MemoryBytes >= spec.MemoryBytes),
            cancellation);
        work[Machine] = machine.Record.Name;
        work.Note($"machine {machine.Record.Name}, BMC {machine.Record.Bmc}");
    }

    private async ValueTask ConnectAsync(NodeWork work, CancellationToken cancellation)
    {
        var (machine, networks) = (Of(work.Record).Record, Networks(work.Spec));
        for (var card = 0; card < networks.Length; card++)
        {
            string[] words = ["connect", $"{work.Record.Id}.eth{card}", $"mac={machine.Macs[card]}", $"kind={machine.Cable}"];
            var reply = (await _context!.Client().CommandAsync($"/net/{networks[card]}/ctl", words, cancellation))[0];
            work.Note($"eth{card} on {networks[card]}: {reply.Text("mac")}, {reply.Text("address")}");
            if (card == 0)
            {
                work["eth0.address"] = reply.Text("address");
            }
        }
    }

    private async ValueTask DisconnectAsync(NodeWork work, CancellationToken cancellation)
    {
        var networks = Networks(work.Spec);
        for (var card = 0; card < networks.Length; card++)
        {
            await IfThereAsync(networks[card], ["disconnect", $"{work.Record.Id}.eth{card}"], cancellation);
        }

        work.Forget("eth0.address");
    }

    private async ValueTask OfferAsync(NodeWork work, CancellationToken cancellation)
    {
        var (tree, image) = (_context!.Client(), work.Spec.Options["image"]);
        var json = JsonNode.Parse(await tree.ReadTextAsync($"/image/{image}/json", cancellation));
        // A boot loader takes no ELF kernel, which is what virtual machines start from.
        if ((json?["vmlinuz"] ?? json?["kernel"])?.ToString() is not { Length: > 0 } kernel)
        {
            throw new FileException(Errno.EINVAL, $"{image} has no kernel that could be booted over a network.");
        }

        List<string> words = ["boot", Of(work.Record).Record.Macs[0], $"kernel={kernel}"];
        words.AddRange(json!["initrd"]?.ToString() is { Length: > 0 } initrd ? [$"initrd={initrd}"] : []);
        words.AddRange(json["cmdline"]?.ToString() is { Length: > 0 } cmdline ? [$"cmdline={cmdline}"] : []);
        await tree.CommandAsync($"/net/{Networks(work.Spec)[0]}/ctl", words, cancellation);
    }

    private async ValueTask WithdrawAsync(NodeWork work, CancellationToken cancellation)
    {
        if (Inventory.Of(work.Record.Id) is { } machine)
        {
            await IfThereAsync(Networks(work.Spec)[0], ["boot", machine.Record.Macs[0]], cancellation);
        }
    }

    private async ValueTask SwitchOnAsync(NodeWork work, CancellationToken cancellation)
    {
        var (machine, spec) = (Of(work.Record), work.Spec);
        var device = spec.Options.GetValueOrDefault("boot") == "net" || BootsFromNetwork(spec) ? BootDevice.Pxe : BootDevice.Disk;
        // A machine that an earlier user left on starts anew.
        await Inventory.PowerAsync(machine, PowerState.Off, cancellation);
        await Inventory.WithControllerAsync(
            machine,
            async (bmc, token) =>
            {
                await bmc.SetBootAsync(new BootOverride(device), token);
                return true;
            },
            cancellation);
        await Inventory.PowerAsync(machine, PowerState.On, cancellation);
        work.Note($"on, from {device.ToString().ToLowerInvariant()}");
    }

    private async ValueTask SwitchOffAsync(NodeWork work, CancellationToken cancellation)
    {
        if (_consoles.TryRemove(work.Record.Id, out var console))
        {
            await console.EndAsync();
        }

        if (Inventory.Of(work.Record.Id) is { } machine)
        {
            await Inventory.PowerAsync(machine, PowerState.Off, cancellation);
        }
    }

    private async ValueTask IfThereAsync(string network, string[] words, CancellationToken cancellation)
    {
        try
        {
            await _context!.Client().CommandAsync($"/net/{network}/ctl", words, cancellation);
        }
        catch (FileException gone) when (gone.Errno == Errno.ENOENT)
        {
            // What is not there needs no undoing.
        }
    }
}
