namespace Pewter.Machines.Qemu;

/// <summary>Where a virtual machine's memory lies.</summary>
/// <param name="Bytes">Its size; 96 MiB is the least that a Debian kernel boots in.</param>
/// <param name="FilePath">A file on a tmpfs or hugetlbfs, or null for anonymous memory that cannot be forked.</param>
/// <param name="IsShared">True: the guest writes into the file. False: the guest has a private copy-on-write view of it.</param>
public sealed record VmMemory(long Bytes, string? FilePath = null, bool IsShared = false);
