namespace Pewter.Linux.Processes;

/// <summary>How a process ended.</summary>
/// <param name="ProcessId">Which process.</param>
/// <param name="ExitCode">0 to 255 when it exited, else null.</param>
/// <param name="Signal">The signal that killed it, else 0.</param>
/// <param name="DumpedCore">Whether the signal left a core dump.</param>
/// <param name="Usage">What it used.</param>
public readonly record struct WaitStatus(int ProcessId, int? ExitCode, int Signal, bool DumpedCore, ResourceUsage Usage);
