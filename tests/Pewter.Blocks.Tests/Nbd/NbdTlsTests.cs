using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Pewter.Blocks.Exports;
using Pewter.Blocks.Layers;
using Pewter.Blocks.Nbd;
using Pewter.Blocks.Tests.Layers;
using Pewter.Testing.Blocks;

namespace Pewter.Blocks.Tests.Nbd;

/// <summary>STARTTLS, with the clients that speak it and certificates that let in by their names.</summary>
public sealed class NbdTlsTests
{
    private const int Length = 16 << 20;

    [Fact]
    public async Task Nbdcopy_and_qemu_img_copy_under_TLS()
    {
        Tool.Require("nbdcopy");
        Tool.Require("qemu-img");
        using var authority = new TestAuthority();
        await using ServedStore s = await StartAsync(authority);
        byte[] content = await ExportAsync(s, "lab");
        string copy = Path.Join(authority.Folder, "copy"), other = Path.Join(authority.Folder, "other");
        await Tool.RunAsync("nbdcopy", "--connections=4", $"nbds://127.0.0.1:{s.Tcp.Port}/web?tls-certificates={authority.ClientFolder("lab")}", copy);
        Assert.Equal(content, await File.ReadAllBytesAsync(copy));
        await Tool.RunAsync(
            "qemu-img", "convert", "--object", $"tls-creds-x509,id=t,endpoint=client,dir={authority.ClientFolder("lab")}", "--image-opts", "-O", "raw",
            $"driver=nbd,server.type=inet,server.host=127.0.0.1,server.port={s.Tcp.Port},export=web,tls-creds=t", other);
        Assert.Equal(content, await File.ReadAllBytesAsync(other));
    }

    [Fact]
    public async Task Only_certificates_that_are_listed_come_in_and_nobody_without_TLS()
    {
        Tool.Require("nbdinfo");
        using var authority = new TestAuthority();
        await using ServedStore s = await StartAsync(authority);
        await ExportAsync(s, "lab");
        string uri = $"nbds://127.0.0.1:{s.Tcp.Port}/web?tls-certificates=";
        await Tool.RunAsync("nbdinfo", uri + authority.ClientFolder("lab"));
        Assert.NotEqual(0, (await Tool.TryAsync("nbdinfo", uri + authority.ClientFolder("somebody"))).Code);
        using var stranger = new TestAuthority();
        Assert.NotEqual(0, (await Tool.TryAsync("nbdinfo", uri + stranger.ClientFolder("lab"))).Code);
        (int code, string output) = await Tool.TryAsync("nbdinfo", s.TcpUri("web"));
        Assert.NotEqual(0, code);
        Assert.Contains("TLS", output, StringComparison.OrdinalIgnoreCase);
    }

    private static Task<ServedStore> StartAsync(TestAuthority authority) => ServedStore.StartAsync(new NbdServerOptions
    {
        TcpNeedsTls = true,
        Tls = new SslServerAuthenticationOptions
        {
            ServerCertificate = authority.Server,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 c && authority.HasSigned(c),
        },
    });

    private static async Task<byte[]> ExportAsync(ServedStore s, string certificate)
    {
        byte[] content = Bytes.Of(5, Length);
        DiskInfo disk = await s.Store.CreateDiskAsync(Length, "web");
        LayeredDevice device = s.Store.OpenDisk(disk.Id);
        await device.WriteAsync(0, content);
        s.Exports.Add("web", device, new ExportAccess { NbdCertificates = [certificate] });
        return content;
    }
}
