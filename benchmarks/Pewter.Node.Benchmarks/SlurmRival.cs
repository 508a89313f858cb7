using System.Diagnostics;

namespace Pewter.Node.Benchmarks;

/// <summary>A real Slurm on this machine: controller, one node's daemon and munge, all with directories, ports and keys of their own.</summary>
internal sealed class SlurmRival : IDisposable
{
    private const int ControllerPort = 42_817;
    private const int NodePort = 42_818;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<Process> _daemons = [];

    public SlurmRival(Tools tools)
    {
        var directory = Directory.CreateDirectory(Path.Combine(tools.Scratch, "slurm")).FullName;
        foreach (var name in (string[])["state", "spool", "munge"])
        {
            Directory.CreateDirectory(Path.Combine(directory, name));
        }

        // munged refuses a key and a directory that others could change.
        var key = Path.Combine(directory, "munge", "key");
        File.WriteAllBytes(key, System.Security.Cryptography.RandomNumberGenerator.GetBytes(128));
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var munge = Path.Combine(directory, "munge");
        _daemons.Add(Tools.Start(
            "/usr/sbin/munged", "-F", "--force", $"--key-file={key}", $"--socket={munge}/socket", $"--pid-file={munge}/pid",
            $"--log-file={munge}/log", $"--seed-file={munge}/seed"));
        var host = Environment.MachineName;
        var file = Path.Combine(directory, "slurm.conf");
        File.WriteAllText(file, $"""
            ClusterName=bench
            SlurmctldHost={host}(127.0.0.1)
            SlurmUser=root
            AuthType=auth/munge
            AuthInfo=socket={munge}/socket
            CryptoType=crypto/munge
            SlurmctldPort={ControllerPort}
            SlurmdPort={NodePort}
            StateSaveLocation={directory}/state
            SlurmdSpoolDir={directory}/spool
            SlurmctldPidFile={directory}/controller.pid
            SlurmdPidFile={directory}/node.pid
            SlurmctldLogFile={directory}/controller.log
            SlurmdLogFile={directory}/node.log
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU
            SchedulerParameters=defer_batch,sched_min_interval=1000
            SlurmdParameters=config_overrides
            MpiDefault=none
            ReturnToService=2
            NodeName={host} NodeAddr=127.0.0.1 CPUs=64 State=UNKNOWN
            PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=YES
            """);
        Environment.SetEnvironmentVariable("SLURM_CONF", file);
        _daemons.Add(Tools.Start("/usr/sbin/slurmctld", "-D", "-f", file));
        _daemons.Add(Tools.Start("/usr/sbin/slurmd", "-D", "-f", file, "-N", host));
    }

    public static bool IsThere => File.Exists("/usr/sbin/slurmctld") && File.Exists("/usr/sbin/slurmd") && File.Exists("/usr/sbin/munged");

    /// <summary>Runs a program over and over by srun, several at once; gives runs a second.</summary>
    public double Run(string program, int atOnce, TimeSpan length)
    {
        if (!SpinWait.SpinUntil(() => Tools.TryOutput("srun", "-Q", "-n1", program) == "hello\n", Patience))
        {
            throw new InvalidOperationException("Slurm does not run programs here");
        }

        return Tools.Rate(atOnce, length, () => Tools.Output("srun", "-Q", "-n1", program));
    }

    public void Dispose()
    {
        _daemons.Reverse();
        _daemons.ForEach(Tools.End);
    }
}
