using Microsoft.Win32.SafeHandles;

namespace Pewter.Blocks.Nbd;

/// <summary>A part of a file to be sent without copying.</summary>
internal readonly record struct NbdFileRange(SafeFileHandle File, long Offset, int Count);
