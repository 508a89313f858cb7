namespace Pewter.Apps.Node;

/// <summary>
/// Puts the agent into a system, running or not, as a service that its init starts: a unit for systemd, a script for System V's init. What is there
/// of an earlier agent is replaced.
/// </summary>
internal static class Installer
{
    private const string Program = "/usr/lib/pewter/pewter-node";

    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // The agent speaks when it can, and waits for nothing of the system but its drivers: a host learns early that a machine lives.
    private const string Unit = $"""
        [Unit]
        Description=Pewter's agent
        DefaultDependencies=no
        After=systemd-udevd.service systemd-remount-fs.service
        Conflicts=shutdown.target
        Before=shutdown.target

        [Service]
        ExecStartPre=-/sbin/modprobe -q -a virtio_pci virtio_console
        ExecStart={Program} guest
        Restart=always
        RestartSec=1
        StandardOutput=journal+console
        OOMScoreAdjust=-900
        Delegate=yes
        KillMode=mixed

        [Install]
        WantedBy=sysinit.target

        """;

    private const string Script = $"""
        #!/bin/sh
        ### BEGIN INIT INFO
        # Provides:          pewter-node
        # Required-Start:    $local_fs
        # Required-Stop:     $local_fs
        # Default-Start:     2 3 4 5
        # Default-Stop:      0 1 6
        # Short-Description: Pewter's agent
        ### END INIT INFO
        case "$1" in
          start)
            modprobe -q -a virtio_pci virtio_console || true
            start-stop-daemon --start --background --make-pidfile --pidfile /run/pewter-node.pid --exec {Program} -- guest ;;
          stop) start-stop-daemon --stop --oknodo --retry 5 --pidfile /run/pewter-node.pid ;;
          restart|force-reload) "$0" stop; "$0" start ;;
          status) start-stop-daemon --status --pidfile /run/pewter-node.pid ;;
          *) echo "usage: $0 start|stop|restart|status" >&2; exit 2 ;;
        esac

        """;

    internal static int Run(string[] arguments)
    {
        var root = arguments switch
        {
            [] => "",
            [var word] when word.StartsWith("--root=", StringComparison.Ordinal) => word["--root=".Length..].TrimEnd('/'),
            _ => throw new ArgumentException($"install takes nothing but --root=DIR.\n{AgentArguments.Usage}"),
        };
        if (!Directory.Exists(root + "/etc"))
        {
            throw new ArgumentException($"{(root.Length == 0 ? "/" : root)} is no root of a system: it has no /etc.");
        }

        Put(root + Program, File.ReadAllBytes("/proc/self/exe"), Executable);
        Put(root + "/etc/systemd/system/pewter-node.service", System.Text.Encoding.ASCII.GetBytes(Unit), UnixFileMode.None);
        Link(root + "/etc/systemd/system/sysinit.target.wants/pewter-node.service", "../pewter-node.service");
        if (Directory.Exists(root + "/etc/init.d"))
        {
            Put(root + "/etc/init.d/pewter-node", System.Text.Encoding.ASCII.GetBytes(Script), Executable);
            foreach (var level in (string[])["0", "1", "6"])
            {
                Link($"{root}/etc/rc{level}.d/K01pewter-node", "../init.d/pewter-node");
            }

            foreach (var level in (string[])["2", "3", "4", "5"])
            {
                Link($"{root}/etc/rc{level}.d/S01pewter-node", "../init.d/pewter-node");
            }
        }

        StandardStreams.Print($"pewter-node: installed in {(root.Length == 0 ? "/" : root)}");
        return 0;
    }

    private static void Put(string path, byte[] content, UnixFileMode mode)
    {
        const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path + ".new", content);
        File.SetUnixFileMode(path + ".new", mode == UnixFileMode.None ? Plain : mode);
        File.Move(path + ".new", path, overwrite: true);
    }

    private static void Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);
        File.CreateSymbolicLink(path, target);
    }
}
