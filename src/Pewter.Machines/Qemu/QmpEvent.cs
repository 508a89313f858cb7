using System.Text.Json;

namespace Pewter.Machines.Qemu;

/// <summary>Something that QEMU tells unasked (QEMU machine protocol, "asynchronous events").</summary>
/// <param name="Name">Such as <c>STOP</c>, <c>RESUME</c>, <c>SHUTDOWN</c>, <c>GUEST_PANICKED</c>, <c>MIGRATION</c>.</param>
/// <param name="At">QEMU's own time.</param>
/// <param name="Data">The event's data; undefined when it has none.</param>
public sealed record QmpEvent(string Name, DateTimeOffset At, JsonElement Data);
