using Pewter.Blocks.Layers;
using Pewter.Testing.Guests;

namespace Pewter.Kernels.Tests.Blocks;

/// <summary>open-iscsi, the initiator of Linux, on our target.</summary>
public sealed class OpenIscsiTests
{
    private const string Configuration = """
        iscsid.startup = /sbin/iscsid
        node.startup = manual
        node.session.auth.authmethod = CHAP
        node.session.auth.username = guest
        node.session.auth.password = guest-secret-42
        node.session.timeo.replacement_timeout = 120
        node.conn[0].timeo.login_timeout = 15
        node.conn[0].timeo.logout_timeout = 15
        node.conn[0].timeo.noop_out_interval = 2
        node.conn[0].timeo.noop_out_timeout = 10
        node.session.iscsi.InitialR2T = No
        node.session.iscsi.ImmediateData = Yes
        node.conn[0].iscsi.HeaderDigest = CRC32C
        """;

    [Fact]
    public async Task A_file_system_outlives_a_restart_of_the_target_under_its_feet()
    {
        string root = Programs.RequireCached("guest/open-iscsi", "eng/guest-packages.sh");
        await using BlockServer server = await BlockServer.StartAsync();
        DiskInfo disk = await server.Store.CreateDiskAsync(64 << 20);
        server.Serve(disk.Id);
        await using Guest guest = await Guest.BootAsync(Options(root));
        string target = $"{BlockServer.Prefix}:{disk.Id}", portal = $"10.0.2.2:{server.IscsiPort}";
        await ConfigureAsync(guest);
        await guest.MustRunAsync("iscsid -f -d 2 > /tmp/iscsid.log 2>&1 & sleep 2");
        await guest.MustRunAsync($"iscsiadm -m node -o new -T {target} -p {portal}");
        await guest.MustRunAsync($"iscsiadm -m node -T {target} -p {portal} --login", TimeSpan.FromMinutes(2));
        await guest.MustRunAsync("for i in $(seq 60); do [ -b /dev/sda ] && break; sleep 1; done; [ -b /dev/sda ]", TimeSpan.FromMinutes(2));
        await FileSystem.MakeAndFillAsync(guest, "/dev/sda");

        // The second half is written while the target goes away and comes back.
        await guest.MustRunAsync("mount -t ext4 /dev/sda /mnt");
        const string Write = "for i in 1 2 3 4 5 6 7 8; do head -c 500000 /dev/urandom > over$i; sync; done; md5sum over* > over.sums; sync";
        await guest.MustRunAsync($"(cd /mnt; {Write}; echo done > /tmp/over) >/tmp/log 2>&1 &");
        await server.RestartAsync();
        await guest.MustRunAsync("for i in $(seq 180); do [ -e /tmp/over ] && break; sleep 1; done; cat /tmp/log; [ -e /tmp/over ]", TimeSpan.FromMinutes(4));
        await FileSystem.FillAsync(guest, "second");
        await guest.MustRunAsync("umount /mnt", TimeSpan.FromMinutes(2));
        await FileSystem.CheckAsync(guest, "/dev/sda", "first", "second");
        await guest.MustRunAsync("mount -t ext4 /dev/sda /mnt && cd /mnt && md5sum -c over.sums && cd / && umount /mnt");

        await guest.MustRunAsync($"iscsiadm -m node -T {target} -p {portal} --logout", TimeSpan.FromMinutes(2));
        Assert.Empty((await server.Store.VerifyAsync(disk.Id)).Damages);
    }

    private static GuestOptions Options(string root) => new()
    {
        Kernel = "cloud-6.1",
        Modules = ["iscsi_tcp", "sd_mod", "ext4", "crc32c_generic"],
        Files = new Dictionary<string, string>
        {
            ["/sbin/iscsid"] = Path.Join(root, "sbin/iscsid"),
            ["/sbin/iscsiadm"] = Path.Join(root, "sbin/iscsiadm"),
            ["/usr/lib/x86_64-linux-gnu/libisns.so.0"] = Path.Join(root, "usr/lib/x86_64-linux-gnu/libisns.so.0"),
            ["/usr/lib/x86_64-linux-gnu/libopeniscsiusr.so.0.2.0"] = Path.Join(root, "usr/lib/x86_64-linux-gnu/libopeniscsiusr.so.0.2.0"),
            ["/sbin/mke2fs"] = Programs.Require("mke2fs"),
            ["/sbin/e2fsck"] = Programs.Require("e2fsck"),
        },
    };

    private static async Task ConfigureAsync(Guest guest)
    {
        // iscsid asks who speaks to it.
        await guest.MustRunAsync("echo 'root:x:0:0:root:/:/bin/sh' > /etc/passwd");
        await guest.MustRunAsync("mkdir -p /etc/iscsi /run/lock/iscsi /var/lib/iscsi /var/run && ln -sf /run/lock /var/lock");
        await guest.MustRunAsync($"echo InitiatorName={BlockServer.Initiator} > /etc/iscsi/initiatorname.iscsi");
        foreach (string line in Configuration.Split('\n'))
            await guest.MustRunAsync($"echo '{line}' >> /etc/iscsi/iscsid.conf");
    }
}
