using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Files;

namespace Pewter.Blocks;

/// <summary>
/// Bytes of a disk that lie in a file at the disk's own offset and never change. Whoever sends from either form holds it meanwhile
/// (<c>DangerousAddRef</c>, as P/Invoke does by itself), since a layer may be removed.
/// </summary>
/// <param name="File">The file.</param>
/// <param name="Memory">The file in memory, if these bytes were read before, so that they are likely there; else null.</param>
public readonly record struct ImmutableRange(SafeFileHandle File, FileMapping? Memory);
