namespace Pewter.Machines.Qemu;

/// <summary>A virtual machine's network card.</summary>
/// <param name="Name">Names the device in the monitor; unique in the machine.</param>
/// <param name="Tap">The tap device, which lies in the network namespace that QEMU is started in.</param>
/// <param name="Mac">Its address, <c>52:54:00:…</c>.</param>
/// <param name="Queues">Receive and transmit pairs; more than 1 needs a tap with <c>multi_queue</c>.</param>
/// <param name="CanBoot">Carries the network boot ROM.</param>
public sealed record VmNic(string Name, string Tap, string Mac, int Queues = 1, bool CanBoot = false);
