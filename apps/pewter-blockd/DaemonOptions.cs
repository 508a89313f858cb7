using System.Net;
using Pewter.Blocks.Rbd;
using Pewter.Disks;

namespace Pewter.BlockDaemon;

/// <summary>The command line of <c>pewter-blockd</c>.</summary>
internal sealed record DaemonOptions(DiskServerConfig Server, string Control)
{
    public const string Usage = """
        usage: pewter-blockd --store DIRECTORY [--control SOCKET] [--nbd-socket SOCKET] [--nbd ADDRESS:PORT] [--iscsi ADDRESS:PORT]
                             [--iscsi-prefix IQN:] [--initiator-key FILE] [--qemu-img PATH] [--rbd CEPH.CONF:POOL[:USER]]
                             [--nbd-tls DIRECTORY]
        """;

    /// <summary>Reads the arguments; null, with what is wrong in <paramref name="error"/>, when they make no sense.</summary>
    public static DaemonOptions? Parse(string[] args, out string error)
    {
        error = "";
        var values = new Dictionary<string, string>();
        for (int i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length || !args[i].StartsWith("--", StringComparison.Ordinal))
            {
                error = $"'{args[i]}' has no value.";
                return null;
            }

            values[args[i][2..]] = args[i + 1];
        }

        string[] known = ["store", "control", "nbd-socket", "nbd", "iscsi", "iscsi-prefix", "initiator-key", "qemu-img", "rbd", "nbd-tls"];
        if (values.Keys.FirstOrDefault(k => !known.Contains(k)) is { } unknown)
            error = $"There is no option --{unknown}.";
        else if (!values.ContainsKey("store"))
            error = "--store is missing.";
        else if (!TryEndPoint(values, "nbd", out IPEndPoint? nbd) || !TryEndPoint(values, "iscsi", out IPEndPoint? iscsi))
            error = "An address is an IP address and a port, such as 10.0.0.1:10809.";
        else
            return new DaemonOptions(Config(values, nbd, iscsi), values.GetValueOrDefault("control") ?? Path.Join(values["store"], "control.sock"));
        return null;
    }

    private static DiskServerConfig Config(Dictionary<string, string> values, IPEndPoint? nbd, IPEndPoint? iscsi)
    {
        var config = new DiskServerConfig
        {
            Store = values["store"],
            NbdSocket = values.GetValueOrDefault("nbd-socket") ?? Path.Join(values["store"], "nbd.sock"),
            NbdAddress = nbd,
            IscsiPortal = iscsi,
            NbdTls = values.GetValueOrDefault("nbd-tls") is { } certificates ? NbdCertificates.Load(certificates) : null,
            Rbd = values.GetValueOrDefault("rbd") is { } rbd ? RbdConfig.Parse(rbd) : null,
            InitiatorKey = values.GetValueOrDefault("initiator-key"),
            Report = Console.Error.WriteLine,
        };
        return config with
        {
            IscsiPrefix = values.GetValueOrDefault("iscsi-prefix") ?? config.IscsiPrefix,
            QemuImg = values.GetValueOrDefault("qemu-img") ?? config.QemuImg,
        };
    }

    private static bool TryEndPoint(Dictionary<string, string> values, string name, out IPEndPoint? endPoint)
    {
        endPoint = null;
        return !values.TryGetValue(name, out string? text) || IPEndPoint.TryParse(text, out endPoint);
    }
}
