using System.Diagnostics;

namespace Pewter.Blocks.Benchmarks.Nbd;

/// <summary>Starts our server and the rivals over the same content.</summary>
internal sealed class Rivals(string folder, string baseFile)
{
    public const string Export = "disk";
    private int _count;

    /// <summary>Ours: the store with <paramref name="clones"/> clones of the image, in a process of its own.</summary>
    public (ServerProcess Server, string Socket) Ours(int clones)
    {
        string socket = NextSocket();
        string[] serve = [OwnServer.Name, Path.Join(folder, "store"), socket, $"{clones}"];
        string program = Environment.ProcessPath!;
        return (new ServerProcess("pewter", program, serve, socket), socket);
    }

    public (ServerProcess Server, string Socket) QemuRaw()
    {
        string socket = NextSocket();
        return (new ServerProcess("qemu-nbd raw", "qemu-nbd", ["-f", "raw", "-r", "-x", Export, "-k", socket, "-t", "-e", "64", baseFile], socket), socket);
    }

    public (ServerProcess Server, string Socket) QemuOverlay()
    {
        string socket = NextSocket();
        string overlay = Path.Join(folder, $"overlay{_count}.qcow2");
        Process.Start(new ProcessStartInfo("qemu-img", ["create", "-q", "-f", "qcow2", "-b", baseFile, "-F", "raw", overlay]))!.WaitForExit();
        return (new ServerProcess("qemu-nbd qcow2", "qemu-nbd", ["-f", "qcow2", "-x", Export, "-k", socket, "-t", "-e", "64", overlay], socket), socket);
    }

    public (ServerProcess Server, string Socket) NbdkitFile()
    {
        string socket = NextSocket();
        return (new ServerProcess("nbdkit file", "nbdkit", ["-f", "-r", "-U", socket, "file", baseFile], socket), socket);
    }

    public (ServerProcess Server, string Socket) NbdkitCow()
    {
        string socket = NextSocket();
        return (new ServerProcess("nbdkit cow", "nbdkit", ["-f", "-U", socket, "--filter=cow", "file", baseFile], socket), socket);
    }

    private string NextSocket() => Path.Join(folder, $"s{_count++}.sock");
}
