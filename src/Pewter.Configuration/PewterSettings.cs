namespace Pewter.Configuration;

/// <summary>The settings of <c>pewter</c> and <c>pewterd</c>: one file serves both.</summary>
public static class PewterSettings
{
    /// <summary>Log levels, quietest last.</summary>
    public static readonly IReadOnlyList<string> LogLevels = ["debug", "info", "warn", "error"];

    /// <summary>How far a parent is believed, least first.</summary>
    public static readonly IReadOnlyList<string> PeerTrusts = ["nobody", "guests", "users", "admins"];

    /// <summary>All settings.</summary>
    public static SettingSchema Schema { get; } = new(
    [
        new Setting("state", SettingKind.Text, "The state directory; it belongs to one daemon."),
        new Setting("name", SettingKind.Text, "The name of this machine among its peers."),
        new Setting("socket", SettingKind.Text, "The Unix socket of the 9P door."),
        new Setting("url", SettingKind.Text, "Where pewter finds its daemon: unix:PATH, tcp://HOST:PORT or tls://HOST:PORT."),
        new Setting("token", SettingKind.Text, "The token that pewter shows to a daemon elsewhere."),
        new Setting("listen", SettingKind.List, "Addresses of the 9P door for others: tls://HOST:PORT, or tcp://HOST:PORT for trusted networks."),
        new Setting("http", SettingKind.List, "Addresses of the HTTP door: http://HOST:PORT, https://HOST:PORT or unix:PATH."),
        new Setting("mail.rabbitmq", SettingKind.Text, "RabbitMQ for durable mailboxes: amqp://USER:PASSWORD@HOST:PORT."),
        new Setting("mail.listen", SettingKind.List,
            "Where other machines' hubs connect for mail, IP:PORT; by default a free port at the addresses of listen. none: nowhere."),
        new Setting("join", SettingKind.Text, "The parent daemon to join."),
        new Setting("join.token", SettingKind.Text, "The token that proves this daemon to its parent."),
        new Setting("join.ca", SettingKind.Text, "The file of the authority (PEM) that the parent's certificate is of."),
        new Setting("join.cert", SettingKind.Text, "The file of a certificate (PEM) that proves this daemon to its parent."),
        new Setting("join.key", SettingKind.Text, "The file of that certificate's private key (PEM)."),
        new Setting("join.trust", SettingKind.Choice, "Who the parent's callers are here.") { Choices = PeerTrusts },
        new Setting("join.show", SettingKind.Switch, "Shows administrators here the parent's tree at /parent."),
        new Setting("run.lease", SettingKind.Duration, "How long a node may be out of reach before its processes count as lost."),
        new Setting("user.processes", SettingKind.Number, "Processes that one user may have at once."),
        new Setting("user.memory", SettingKind.Number,
            "Bytes of memory that one user's processes may be limited to together; each then needs a limit."),
        new Setting("user.nodes", SettingKind.Number, "Nodes that one user may have at once, administrators excepted."),
        new Setting("peer.ttl", SettingKind.Duration, "How long a lost peer is still listed."),
        new Setting("store", SettingKind.Text, "Where state is kept: sqlite (the default) or a PostgreSQL connection string."),
        new Setting("tls.ca", SettingKind.Text, "The file with the certificate of the authority that pewter trusts with tls:// URLs."),
        new Setting("tls.cert", SettingKind.Text, "The file with the client certificate that pewter shows."),
        new Setting("tls.key", SettingKind.Text, "The file with the key of that certificate."),
        new Setting("output", SettingKind.Choice, "How pewter prints.") { Choices = ["table", "json", "yaml", "name"] },
        new Setting("log.level", SettingKind.Choice, "The least important messages that are logged.") { Choices = LogLevels },
        new Setting("log.file", SettingKind.Text, "The file that the log is written to; standard error when not set."),
        new Setting("events.keep", SettingKind.Number, "How many events can be replayed."),
        new Setting("disk.nbd", SettingKind.Text, "Where disks are served over NBD to other machines: IP:PORT."),
        new Setting("disk.nbd.tls", SettingKind.Text, "The directory with server-cert.pem, server-key.pem and ca-cert.pem for NBD over TCP."),
        new Setting("disk.iscsi", SettingKind.Text, "Where disks are served over iSCSI: IP:PORT; the loopback address when not set."),
        new Setting("disk.rbd", SettingKind.Text, "A Ceph pool for disks that ask for it: CEPH.CONF:POOL or CEPH.CONF:POOL:USER."),
        new Setting("disk.quota", SettingKind.Text, "Bytes of images and disks that a user may have, such as 500G; no limit when not set."),
        new Setting("stop.grace", SettingKind.Duration, "How long a stop waits for work in progress."),
    ]);

    /// <summary>Reads the system's files, then the user's, then the environment. Flags are added by the caller, over all of them.</summary>
    public static SettingsLoader Loader(PewterPaths paths, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return new SettingsLoader(Schema)
            .AddFile(Path.Combine(paths.SystemConfiguration, "pewter.yaml"))
            .AddDirectory(Path.Combine(paths.SystemConfiguration, "conf.d"))
            .AddFile(Path.Combine(paths.UserConfiguration, "pewter.yaml"))
            .AddEnvironment(variable);
    }
}
