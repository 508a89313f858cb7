namespace Pewter.Machines.Qemu;

/// <summary>A virtual machine's disk, reached over NBD.</summary>
/// <param name="Name">Names the device in the monitor; unique in the machine.</param>
/// <param name="Address">Where the server is: <c>nbd+unix:///EXPORT?socket=PATH</c> or
/// <c>nbd://HOST:PORT/EXPORT</c>.</param>
/// <param name="IsReadOnly">Attach it without write access.</param>
public sealed record VmDisk(string Name, string Address, bool IsReadOnly = false);
