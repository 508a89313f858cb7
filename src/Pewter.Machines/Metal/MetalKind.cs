using System.Collections.Concurrent;
using Pewter.Bmc;
using Pewter.Hosting;
using Pewter.Machines.Boots;
using Pewter.Machines.Nodes;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Machines.Metal;

/// <summary>
/// Nodes that are physical machines: taken from the inventory, connected, given something to boot and switched on. What was done last is undone
/// first: console closed, off and seen off, boot files gone, networks off, machine free.
/// </summary>
/// <param name="guest">Makes, from the agent's program, what mounts a root over the network; null: there is none.</param>
internal sealed class MetalKind(Func<string, CancellationToken, ValueTask<Vms.GuestImage>>? guest) : INodeKind, IPowersNodes
{
    private const string Machine = "machine";
    private const string Address = "eth0.address";
    private const string SwitchedOn = "on.at";
    private static readonly string[] Devices = ["disk", "net"];

    private readonly ConcurrentDictionary<string, MetalConsole> _consoles = new(StringComparer.Ordinal);
    private MetalInventory? _inventory;
    private NetworkBoot? _network;
    private MetalBoot? _boot;
    private ServiceContext? _context;

    /// <inheritdoc/>
    public string Name => "metal";

    /// <inheritdoc/>
    public string Options => "[machine=word] [net=word] [boot=disk|net|kernel] " + NetworkBoot.Options;

    /// <summary>A machine that boots takes minutes to come up; one that is only switched on does not.</summary>
    public bool AnswersEarly(NodeSpec spec) => HasAgent(spec);

    /// <summary>A machine that swaps over its network is slow, not dead.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(10);

    /// <summary>Machines do not share anything that would be crowded.</summary>
    public int Parallel => 64;

    /// <inheritdoc/>
    public IReadOnlyList<NodeStep> Steps =>
    [
        new("machine", ClaimAsync, (work, cancellation) => Inventory.FreeAsync(work.Record.Id, cancellation)) { Stays = true },
        new("disk", Disk, (work, cancellation) => _network!.DropDiskAsync(work, cancellation))
        {
            Stays = true, IsContent = true, Applies = record => NetworkBoot.HasDisk(record.Spec),
        },
        new("network", ConnectAsync, DisconnectAsync) { Stays = true, Applies = record => Networks(record.Spec).Length > 0 },
        new("loader", OfferAsync, WithdrawAsync) { Stays = true, IsContent = true, Applies = record => TellsSeed(record.Spec) },
        new("power", SwitchOnAsync, SwitchOffAsync),
        new("agent", AwaitAsync, (_, _) => ValueTask.CompletedTask) { Applies = record => HasAgent(record.Spec) },
    ];

    private MetalInventory Inventory => _inventory!;

    /// <summary>Given by the service, before any other member is called.</summary>
    public void Use(MetalInventory inventory, ServiceContext context)
    {
        (_inventory, _context) = (inventory, context);
        var agent = Nodes.Kinds.NodePlace.For(context, new NodeServiceOptions());
        _network = new NetworkBoot(
            caller => caller is null ? context.Client() : context.Client(caller),
            cancellation => guest?.Invoke(agent.AgentPath, cancellation)
                ?? throw new FileException(Errno.ENOENT, "this daemon has no kernel that could mount a root over the network."),
            System.IO.Path.Combine(context.StateDirectory, "seeds"));
        _boot = new MetalBoot(_network, () => context.Client(), inventory.Limits, context.Time);
    }

    /// <inheritdoc/>
    public NodeSpec Check(NodeSpec spec, Caller caller)
    {
        var own = Options.Split(' ').Select(option => option.Trim('[', ']').Split('=')[0]).ToList();
        if (spec.Options.Keys.FirstOrDefault(key => !own.Contains(key)) is { } unknown)
        {
            throw new FileException(Errno.EINVAL, $"A physical machine has no {unknown}.");
        }

        if (spec.Processes is not null || spec.Root is not null)
        {
            throw new FileException(Errno.EINVAL, "A physical machine has neither pids nor root.");
        }

        if ((NetworkBoot.Applies(spec) || HasAgent(spec)) && Networks(spec).Length == 0)
        {
            throw new FileException(Errno.EINVAL, "An image is booted, and an agent reached, over a network; say which with net=.");
        }

        return spec;
    }

    /// <inheritdoc/>
    public ValueTask<NodeSpec> ResolveAsync(NodeSpec spec, Caller caller, CancellationToken cancellation) =>
        _network!.ResolveAsync(spec, caller, cancellation);

    /// <inheritdoc/>
    public ValueTask<NodeSpec> WithImageAsync(Node node, string? image, Caller caller, CancellationToken cancellation)
    {
        var spec = node.Record.Spec;
        if (image is null)
        {
            return new(spec);
        }

        var options = new Dictionary<string, string>(spec.Options, StringComparer.Ordinal) { ["image"] = image };
        foreach (var key in (string[])["disk", "boot"])
        {
            options.Remove(key);
        }

        return ResolveAsync(Check(spec with { Options = options }, caller), caller, cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<bool> AdoptAsync(NodeWork work, CancellationToken cancellation) => new(Inventory.Of(work.Record.Id) is not null);

    /// <inheritdoc/>
    public bool IsAlive(NodeRecord record) => Inventory.Of(record.Id) is { Power: not PowerState.Off };

    /// <inheritdoc/>
    public string CauseOfEnd(NodeRecord record) => "the machine was switched off";

    /// <inheritdoc/>
    public string? AgentSocket(NodeRecord record) => HasAgent(record.Spec) ? record.Handle.GetValueOrDefault("agent") : null;

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
        Networks(spec).Length > 0 && NetworkBoot.Applies(spec) && spec.Options.GetValueOrDefault("boot") != "disk";

    private static bool HasAgent(NodeSpec spec) => NetworkBoot.HasAgent(spec);

    // An agent on the machine's own disk asks who it is, too.
    private static bool TellsSeed(NodeSpec spec) => BootsFromNetwork(spec) || HasAgent(spec);

    private ValueTask Disk(NodeWork work, CancellationToken cancellation) => _network!.EnsureDiskAsync(work, cancellation);

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
                work[Address] = reply.Text("address").Split('/')[0];
                work["eth0.netns"] = reply.Text("netns");
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

        work.Forget(Address);
        work.Forget("eth0.netns");
    }

    private ValueTask OfferAsync(NodeWork work, CancellationToken cancellation)
    {
        work["agent"] = _boot!.AddressOf(work, work[Address]!, work["eth0.netns"]!).ToString();
        return _network!.OfferAsync(work, Networks(work.Spec)[0], Of(work.Record).Record.Macs[0], work[Address]!, cancellation);
    }

    private async ValueTask WithdrawAsync(NodeWork work, CancellationToken cancellation)
    {
        if (Inventory.Of(work.Record.Id) is { } machine)
        {
            await _network!.WithdrawAsync(work, Networks(work.Spec)[0], machine.Record.Macs[0], work[Address], cancellation);
        }

        work.Forget("agent");
    }

    // What a machine that was built anew boots is another.
    private async ValueTask PrepareAsync(NodeWork work, CancellationToken cancellation)
    {
        if (NetworkBoot.HasDisk(work.Spec))
        {
            await _network!.EnsureDiskAsync(work, cancellation);
        }

        if (TellsSeed(work.Spec))
        {
            await OfferAsync(work, cancellation);
        }
    }

    private ValueTask AwaitAsync(NodeWork work, CancellationToken cancellation) => _boot!.AwaitAgentAsync(
        work, Networks(work.Spec)[0], Of(work.Record).Record.Macs[0],
        DateTimeOffset.Parse(work[SwitchedOn]!, System.Globalization.CultureInfo.InvariantCulture), cancellation);

    private async ValueTask SwitchOnAsync(NodeWork work, CancellationToken cancellation)
    {
        var (machine, spec) = (Of(work.Record), work.Spec);
        var device = spec.Options.GetValueOrDefault("boot") == "net" || BootsFromNetwork(spec) ? BootDevice.Pxe : BootDevice.Disk;
        // A machine that an earlier user left on starts anew.
        await Inventory.PowerAsync(machine, PowerState.Off, cancellation);
        await PrepareAsync(work, cancellation);
        await Inventory.WithControllerAsync(
            machine,
            async (bmc, token) =>
            {
                await bmc.SetBootAsync(new BootOverride(device), token);
                return true;
            },
            cancellation);
        work[SwitchedOn] = _context!.Time.GetUtcNow().ToString("O", System.Globalization.CultureInfo.InvariantCulture);
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
