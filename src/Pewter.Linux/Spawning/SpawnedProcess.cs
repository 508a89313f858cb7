using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Spawning;

/// <summary>A child that has reached exec.</summary>
/// <param name="Id">Its process id.</param>
/// <param name="Pidfd">Readable when it has ended; names it without a race. Owned by whoever holds this.</param>
public sealed record SpawnedProcess(int Id, SafeFileHandle Pidfd);
