using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Pewter.Blocks.Benchmarks.Iscsi;

/// <summary>A target server in its own process, ours or tgt, serving one file.</summary>
internal sealed class IscsiServerProcess : IDisposable
{
    private const double TicksPerSecond = 100;

    private readonly Process _process;
    private readonly Action _stop;

    private IscsiServerProcess(Process process, IPEndPoint portal, string target, int lun, Action stop)
    {
        (_process, Portal, Target, Lun, _stop) = (process, portal, target, lun, stop);
    }

    public IPEndPoint Portal { get; }

    public string Target { get; }

    public int Lun { get; }

    /// <summary>User and system time of the process so far.</summary>
    public double CpuSeconds
    {
        get
        {
            string stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
    }

    public static IscsiServerProcess StartOurs(string file)
    {
        Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [IscsiServeCommand.Name, file])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        int port = int.Parse(process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        return new(process, new(IPAddress.Loopback, port), IscsiServeCommand.TargetName, 0, process.StandardInput.Close);
    }

    public static IscsiServerProcess StartTgt(string file)
    {
        const string Target = "iqn.2026-11.example.tgt:bench";
        int port = FreePort();
        string control = (Environment.ProcessId % 30000).ToString(CultureInfo.InvariantCulture);
        // It ends with us, however we end.
        Process process = Process.Start("setpriv", ["--pdeathsig", "KILL", "tgtd", "-f", "-C", control, "--iscsi", $"portal=127.0.0.1:{port}"]);
        foreach (string line in (string[])[
            $"--op new --mode target --tid 1 -T {Target}",
            $"--op new --mode logicalunit --tid 1 --lun 1 -b {file}",
            "--op update --mode target --tid 1 --name MaxRecvDataSegmentLength --value 262144",
            "--op update --mode target --tid 1 --name FirstBurstLength --value 262144",
            "--op bind --mode target --tid 1 -I ALL"])
        {
            Administer(control, line);
        }
        // tgtd does not end on SIGTERM while it has targets.
        return new(process, new(IPAddress.Loopback, port), Target, 1, process.Kill);
    }

    public void Dispose()
    {
        _stop();
        _process.WaitForExit(5000);
        _process.Dispose();
    }

    private static void Administer(string control, string line)
    {
        for (int attempt = 0; attempt < 50; attempt++)
        {
            using Process admin = Process.Start("tgtadm", ["-C", control, "--lld", "iscsi", .. line.Split(' ')]);
            admin.WaitForExit();
            if (admin.ExitCode == 0)
                return;
            using var pause = new ManualResetEventSlim();
            pause.Wait(100);
        }
        throw new InvalidOperationException($"tgtadm {line} failed");
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
