namespace Pewter.Machines.Qemu;

/// <summary>
/// A virtual machine's network card. It hangs on a hub of its own inside QEMU, so that a cable can be put in and pulled
/// out while the machine runs, also where the bus knows no hot plugging, and so that a machine may be started before it
/// is known which network it will be on.
/// </summary>
/// <param name="Name">Names the device in the monitor; unique in the machine.</param>
/// <param name="Mac">Its address, <c>52:54:00:…</c>.</param>
/// <param name="CanBoot">Carries the network boot ROM.</param>
/// <param name="Queues">More than 1: the card has so many queues and hangs on its tap directly, which then cannot be
/// pulled out.</param>
/// <param name="Tap">The tap of a card with several queues, in the network namespace that QEMU is started in.</param>
public sealed record VmNic(string Name, string Mac, bool CanBoot = false, int Queues = 1, string? Tap = null);
