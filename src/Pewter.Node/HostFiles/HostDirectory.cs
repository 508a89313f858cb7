using Pewter.Linux;
using Pewter.Linux.Files;
using Pewter.NineP.Serving;
using Pewter.Node.Sessions;

namespace Pewter.Node.HostFiles;

/// <summary>A directory of this machine, served whole: the agent's <c>/fs</c>.</summary>
internal sealed class HostDirectory : IDisposable
{
    internal const int WriteOnly = 1;

    internal HostDirectory(string path) => Beneath = new BeneathDirectory(path);

    internal BeneathDirectory Beneath { get; }

    /// <summary>The directory as a served file.</summary>
    internal ServedFile Root => new HostFile(this, "", HostStatus.Of(Beneath.Root), null);

    /// <summary>Finds a file; null when there is none, or it is of a kind that is not shown.</summary>
    internal HostFile? Find(string path, ServedFile parent)
    {
        try
        {
            var status = Status(path);
            return status.IsDirectory || status.IsPlain || status.IsLink ? new HostFile(this, path, status, parent) : null;
        }
        catch (LinuxException failure) when (failure.Errno is LinuxErrno.ENOENT)
        {
            return null;
        }
        catch (LinuxException failure)
        {
            throw failure.ToFile();
        }
    }

    /// <summary>Looks at a file, a link itself rather than where it leads.</summary>
    internal HostStatus Status(string path)
    {
        using var handle = OpenPath(path);
        return HostStatus.Of(handle);
    }

    internal string ReadLink(string path)
    {
        using var handle = OpenPath(path);
        return SymbolicLink.Read(handle);
    }

    /// <summary>Names in a directory, through a handle that cannot be led elsewhere.</summary>
    internal IReadOnlyList<string> Names(string path)
    {
        const int DirectoryFlag = 0x10000;
        using var handle = Beneath.Open(path.Length == 0 ? "." : path, DirectoryFlag);
        var entries = new DirectoryInfo($"/proc/self/fd/{handle.Number()}").EnumerateFileSystemInfos();
        return [.. entries.Select(entry => entry.Name).Order(StringComparer.Ordinal)];
    }

    public void Dispose() => Beneath.Dispose();

    private Microsoft.Win32.SafeHandles.SafeFileHandle OpenPath(string path) =>
        Beneath.Open(path.Length == 0 ? "." : path, BeneathDirectory.PathOnly | BeneathDirectory.NoFollow);
}
