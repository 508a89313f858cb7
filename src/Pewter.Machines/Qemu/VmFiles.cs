namespace Pewter.Machines.Qemu;

/// <summary>
/// The sockets and logs of one QEMU. Their paths are short, since a socket's path has 107 bytes at most.
/// </summary>
/// <param name="Prefix">What all of them begin with: a directory and a name.</param>
public sealed record VmFiles(string Prefix)
{
    /// <summary>The monitor's socket; one client at a time.</summary>
    public string Monitor => Prefix + ".qmp";

    /// <summary>The host's end of the virtio-serial port that the agent serves.</summary>
    public string Agent => Prefix + ".sock";

    /// <summary>The serial console's socket; one client at a time.</summary>
    public string Console => Prefix + ".con";

    /// <summary>All that the console ever said; QEMU writes it, so it goes on while nobody listens.</summary>
    public string ConsoleLog => Prefix + ".log";

    /// <summary>What QEMU itself complains about.</summary>
    public string Errors => Prefix + ".err";

    /// <summary>The stub for gdb, if the machine has one.</summary>
    public string Gdb => Prefix + ".gdb";

    /// <summary>All of them.</summary>
    public IEnumerable<string> All => [Monitor, Agent, Console, ConsoleLog, Errors, Gdb];

    /// <summary>Gives all of them another prefix; whoever is connected stays so.</summary>
    public void Rename(VmFiles other)
    {
        foreach (var (from, to) in All.Zip(other.All).Where(pair => File.Exists(pair.First)))
        {
            File.Move(from, to, overwrite: true);
        }
    }

    /// <summary>Removes those that are there.</summary>
    public void Delete()
    {
        foreach (var path in All)
        {
            File.Delete(path);
        }
    }
}
