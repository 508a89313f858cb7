using System.Diagnostics;

namespace Pewter.Node.Benchmarks;

/// <summary>A real sshd of this machine on a port of its own, with a key for its client.</summary>
internal sealed class SshRival : IDisposable
{
    private const int Port = 42_822;

    private readonly string _directory;
    private readonly Process _daemon;

    public SshRival(Tools tools)
    {
        _directory = Directory.CreateDirectory(Path.Combine(tools.Scratch, "ssh")).FullName;
        Directory.CreateDirectory("/run/sshd");
        foreach (var key in (string[])["host", "user"])
        {
            Tools.Output("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(_directory, key));
        }

        File.Copy(Path.Combine(_directory, "user.pub"), Path.Combine(_directory, "authorized"));
        _daemon = Tools.Start(
            "/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-p", $"{Port}", "-h", Path.Combine(_directory, "host"), "-o", "ListenAddress=127.0.0.1",
            "-o", $"AuthorizedKeysFile={_directory}/authorized", "-o", "StrictModes=no", "-o", "UsePAM=no", "-o", $"PidFile={_directory}/pid",
            "-o", "PermitRootLogin=yes", "-o", "MaxStartups=200",

            // Bash thinks that it is not the first shell, and reads no start-up file of whoever measures.
            "-o", "SetEnv=SHLVL=5");
    }

    public static bool IsThere => File.Exists("/usr/sbin/sshd");

    /// <summary>Runs a program over and over, several at once, each by a connection of its own; gives runs a second.</summary>
    public double Run(string program, int atOnce, TimeSpan length) => Tools.Rate(atOnce, length, () => Tools.Output(
        "ssh", "-q", "-F", "/dev/null", "-i", Path.Combine(_directory, "user"), "-p", $"{Port}", "-o", "StrictHostKeyChecking=no",
        "-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectionAttempts=20", "127.0.0.1", program));

    public void Dispose() => Tools.End(_daemon);
}
