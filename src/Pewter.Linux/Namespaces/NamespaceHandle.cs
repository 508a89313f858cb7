using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Namespaces;

/// <summary>Opens namespaces of other processes and runs code in them.</summary>
public static class NamespaceHandle
{
    /// <summary>Opens a namespace of a process; it lives as long as the handle.</summary>
    public static SafeFileHandle Open(int process, NamespaceKinds kind) => OpenFile($"/proc/{process}/ns/{FileName(kind)}");

    /// <summary>Opens a namespace by the path it is bound to, such as <c>/run/netns/NAME</c>.</summary>
    public static SafeFileHandle OpenFile(string path) => Descriptors.Own(Descriptors.Open(path, 0));

    /// <summary>
    /// Moves the calling thread into a namespace for good. Only for a thread of one's own: the thread pool's would take it to others.
    /// </summary>
    public static void EnterThread(SafeFileHandle handle) =>
        LinuxException.Check(Libc.Syscall(SyscallNumbers.SetNamespace, handle.Number(), 0), "enter a namespace");

    /// <summary>Gives the calling thread new namespaces of its own, for good.</summary>
    public static void UnshareThread(NamespaceKinds kinds) =>
        LinuxException.Check(Libc.Syscall(SyscallNumbers.Unshare, (nint)(uint)kinds), $"make namespaces {kinds}");

    /// <summary>
    /// Runs <paramref name="action"/> on a thread of its own inside a namespace and waits for it. A socket made there stays there,
    /// and may be used from anywhere.
    /// </summary>
    public static T Run<T>(SafeFileHandle handle, Func<T> action) => OwnThread.Run(() =>
    {
        EnterThread(handle);
        return action();
    });

    private static string FileName(NamespaceKinds kind) => kind switch
    {
        NamespaceKinds.Mount => "mnt",
        NamespaceKinds.Cgroup => "cgroup",
        NamespaceKinds.Uts => "uts",
        NamespaceKinds.Ipc => "ipc",
        NamespaceKinds.User => "user",
        NamespaceKinds.Process => "pid",
        NamespaceKinds.Network => "net",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Name one kind of namespace."),
    };
}
