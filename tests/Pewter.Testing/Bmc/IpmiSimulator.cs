using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Pewter.Testing.Bmc;

/// <summary>
/// A real controller: OpenIPMI's <c>ipmi_sim</c> on loopback, whose chassis is a script over a file, or over a machine.
/// </summary>
public sealed class IpmiSimulator : IAsyncDisposable
{
    /// <summary>The user of the controller.</summary>
    public const string User = "admin";

    /// <summary>The user's password.</summary>
    public const string Password = "sim-secret";

    private const string Program = "/usr/bin/ipmi_sim";

    private readonly TemporaryDirectory _home;
    private readonly Process _process;
    private readonly TcpListener _console;

    private IpmiSimulator(TemporaryDirectory home, Process process, TcpListener console, int port) =>
        (_home, _process, _console, Port, ConsolePort) = (home, process, console, port, ((IPEndPoint)console.LocalEndpoint).Port);

    /// <summary>The directory that its files are in; it goes with the controller.</summary>
    public string Home => _home.Path;

    /// <summary>The port on loopback that the machine's serial line is at.</summary>
    public int ConsolePort { get; }

    /// <summary>Whether this machine has the program.</summary>
    public static bool IsThere => File.Exists(Program);

    /// <summary>Its port on loopback.</summary>
    public int Port { get; }

    /// <summary>Its address, as users write it.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"ipmi://127.0.0.1:{Port}");

    /// <summary>Both, as a machine's secret is written.</summary>
    public static string Secret => $"{User}:{Password}";

    /// <summary>Whether the machine is on; a test may switch it by hand.</summary>
    public bool IsOn
    {
        get => File.Exists(_home["power"]) && File.ReadAllText(_home["power"]).Trim() == "1";
        set => File.WriteAllText(_home["power"], value ? "1" : "0");
    }

    /// <summary>From now on the controller says yes to every change of power, and does none.</summary>
    public bool Lies
    {
        set => File.WriteAllText(_home["lies"], value ? "1" : "");
    }

    /// <summary>Lets the machine's own serial line listen at the console's port.</summary>
    public void LeaveConsole() => _console.Stop();

    /// <summary>Starts the controller of a machine that is off. One whose directory has a <c>machine.sh</c> switches by that.</summary>
    public static async Task<IpmiSimulator> StartAsync()
    {
        var home = new TemporaryDirectory();
        var console = new TcpListener(IPAddress.Loopback, 0);
        console.Start();
        var port = FreePort();
        await WriteAsync(home, port, ((IPEndPoint)console.LocalEndpoint).Port);
        var process = Shell.Start($"cd {home.Path} && exec ipmi_sim -n -c lan.conf -f bmc.emu -s {home.Path}");
        var simulator = new IpmiSimulator(home, process, console, port);
        await Until.TrueAsync(() => simulator.Listens(), "ipmi_sim listens");
        return simulator;
    }

    /// <summary>The machine's end of its serial port, once the controller opens it.</summary>
    public async Task<NetworkStream> AcceptConsoleAsync(CancellationToken cancellation) =>
        new(await _console.AcceptSocketAsync(cancellation), ownsSocket: true);

    /// <summary>What the chassis was told, a line each.</summary>
    public string[] Told() => File.Exists(_home["told"]) ? File.ReadAllLines(_home["told"]) : [];

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _console.Dispose();
        _home.Dispose();
    }

    private bool Listens()
    {
        if (_process.HasExited)
            throw new InvalidOperationException($"ipmi_sim ended: {_process.StandardError.ReadToEnd()}");
        return File.ReadLines("/proc/net/udp").Any(line => line.Contains($"0100007F:{Port:X4}", StringComparison.Ordinal));
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static async Task WriteAsync(TemporaryDirectory home, int port, int consolePort)
    {
        const string Methods = "none md2 md5 straight";
        await File.WriteAllTextAsync(home["lan.conf"], $"""
            name "sim"
            set_working_mc 0x20
              startlan 1
                addr 127.0.0.1 {port}
                priv_limit admin
                allowed_auths_callback {Methods}
                allowed_auths_user {Methods}
                allowed_auths_operator {Methods}
                allowed_auths_admin {Methods}
                guid a123456789abcdefa123456789abcdef
              endlan
              chassis_control "{home["chassis.sh"]} 0x20"
              sol "tcp:127.0.0.1:{consolePort}" 115200
              startnow false
              user 1 false "" "" user 10 {Methods}
              user 2 true "{User}" "{Password}" admin 10 {Methods}

            """);
        await File.WriteAllTextAsync(home["bmc.emu"], """
            mc_setbmc 0x20
            mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
            sel_enable 0x20 1000 0x0a
            mc_enable 0x20

            """);
        await File.WriteAllTextAsync(home["chassis.sh"], $"""
            #!/bin/sh
            cd {home.Path}
            shift
            if [ -x machine.sh ]; then
              case "$1 $2" in
                "get power") ./machine.sh running && echo power:1 || echo power:0; exit ;;
                "set power") ./machine.sh "$3"; echo "power $3" >> told; exit ;;
                "set reset") ./machine.sh 0; ./machine.sh 1; echo "reset" >> told; exit ;;
                "set shutdown") ./machine.sh 0; echo "shutdown" >> told; exit ;;
              esac
            fi
            case "$1 $2" in
              "get power") echo "power:$(cat power 2>/dev/null || echo 0)" ;;
              "get boot") echo "boot:$(cat boot 2>/dev/null || echo default)" ;;
              "set power") [ -s lies ] || echo "$3" > power; echo "power $3" >> told ;;
              "set reset") echo "reset" >> told ;;
              "set boot") echo "$3" > boot; echo "boot $3" >> told ;;
              "set shutdown") echo 0 > power; echo "shutdown" >> told ;;
            esac

            """);
        File.SetUnixFileMode(home["chassis.sh"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
