using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Pewter.Hosting;
using Pewter.NineP;

namespace Pewter.Images.Blockd;

/// <summary>Where a daemon's disk server keeps its store, listens, and what the kernel calls it; no two daemons meet there. Immutable.</summary>
internal sealed class BlockdPlace
{
    public const string IscsiPrefix = "iqn.2026-11.org.pewter";

    private const string ProgramName = "pewter-blockd";

    private readonly string? _program;
    private readonly string? _rbd;
    private readonly string? _tls;

    public BlockdPlace(ServiceContext context, ImageServiceOptions options)
    {
        _program = options.BlockdPath ?? InstalledProgram.Find(ProgramName, "PEWTER_BLOCKD");
        (_rbd, _tls) = (options.Rbd, options.NbdTls);
        var run = Path.Combine(context.RunDirectory, "disk");
        Directory.CreateDirectory(run);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(context.StateDirectory)));
        Cgroup = $"pewter-{Convert.ToHexStringLower(hash.AsSpan(0, 4))}-blockd";
        Store = Path.Combine(context.StateDirectory, "store");
        Log = Path.Combine(context.StateDirectory, "blockd.log");
        Control = Path.Combine(run, "control.sock");
        NbdSocket = Path.Combine(run, "nbd.sock");
        Nbd = options.Nbd is { } nbd ? Read(nbd) : null;
        Iscsi = options.Iscsi is { } iscsi ? Read(iscsi) : KeptPort(Path.Combine(context.StateDirectory, "iscsi.port"));
    }

    /// <summary>The program.</summary>
    /// <exception cref="FileException">ENOENT: it is not there.</exception>
    public string Program => _program is not null && File.Exists(_program) ? _program : throw new FileException(
        Errno.ENOENT, $"the disk server's program {_program ?? ProgramName} is not there; install it beside pewterd or name it in PEWTER_BLOCKD.");

    public string Cgroup { get; }

    public string Store { get; }

    public string Log { get; }

    public string Control { get; }

    public string NbdSocket { get; }

    public IPEndPoint? Nbd { get; }

    public IPEndPoint Iscsi { get; }

    public string InitiatorKey => Path.Combine(Store, "initiators.key");

    public IReadOnlyList<string> Arguments =>
    [
        ProgramName, "--store", Store, "--control", Control, "--nbd-socket", NbdSocket, "--iscsi", Iscsi.ToString(), "--iscsi-prefix", IscsiPrefix,
        "--initiator-key", InitiatorKey, .. (Nbd is { } nbd ? (string[])["--nbd", nbd.ToString()] : []),
        .. (_tls is { } certificates ? (string[])["--nbd-tls", certificates] : []),
        .. (_rbd is { } rbd ? (string[])["--rbd", rbd] : []),
    ];

    private static IPEndPoint Read(string text) => IPEndPoint.TryParse(text, out var endpoint) && endpoint.Port > 0
        ? endpoint
        : throw new ArgumentException($"'{text}' is no address of disks; write an IP address and a port, such as 10.0.0.1:3260.", nameof(text));

    /// <summary>Chosen once, so that initiators find the disks again after any restart.</summary>
    private static IPEndPoint KeptPort(string file)
    {
        if (!File.Exists(file) || !ushort.TryParse(File.ReadAllText(file), out var port))
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = (ushort)((IPEndPoint)probe.LocalEndPoint!).Port;
            File.WriteAllText(file + ".new", $"{port}\n");
            File.Move(file + ".new", file, overwrite: true);
        }

        return new IPEndPoint(IPAddress.Loopback, port);
    }
}
