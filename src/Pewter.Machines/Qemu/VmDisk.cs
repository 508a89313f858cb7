namespace Pewter.Machines.Qemu;

/// <summary>A virtual machine's disk, reached over NBD.</summary>
/// <param name="Name">Names the device in the monitor; unique in the machine.</param>
/// <param name="SocketPath">Unix socket of the NBD server.</param>
/// <param name="Export">Export to ask for.</param>
/// <param name="IsReadOnly">Attach it without write access.</param>
public sealed record VmDisk(string Name, string SocketPath, string Export, bool IsReadOnly);
