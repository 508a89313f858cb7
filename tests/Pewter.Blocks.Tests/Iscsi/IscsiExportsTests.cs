using System.Net;
using Pewter.Blocks.Exports;
using Pewter.Blocks.Iscsi;
using Pewter.Testing;
using Pewter.Testing.Blocks;

namespace Pewter.Blocks.Tests.Iscsi;

/// <summary>The exports of a table as iSCSI targets.</summary>
public sealed class IscsiExportsTests : IAsyncDisposable
{
    private const string Prefix = "iqn.2026-11.example.pewter", One = "iqn.2026-11.example.client:one", Two = "iqn.2026-11.example.client:two";
    private const string Secret = "correct-horse-battery";

    private readonly ExportTable _table = new();
    private readonly IscsiServer _server = new();
    private readonly IscsiExports _exports;
    private readonly IPEndPoint _portal;

    public IscsiExportsTests()
    {
        _exports = new IscsiExports(_server, _table, Prefix);
        _portal = _server.Listen(new IPEndPoint(IPAddress.Loopback, 0));
    }

    [Fact]
    public async Task An_export_is_a_target_for_its_initiators_and_gone_when_removed()
    {
        Export export = _table.Add("d1", new MemoryDisk(1 << 20), Allow(One));
        Assert.Equal([$"{Prefix}:d1"], _server.Targets);
        Assert.Contains("PEWTER", (await InquireAsync(One, "d1")).Output);
        Assert.DoesNotContain("PEWTER", (await InquireAsync(Two, "d1")).Output);
        export.Access = Allow(Two);
        Assert.DoesNotContain("PEWTER", (await InquireAsync(One, "d1")).Output);
        Assert.Contains("PEWTER", (await InquireAsync(Two, "d1")).Output);
        await _table.RemoveAsync("d1");
        Assert.Empty(_server.Targets);
    }

    [Fact]
    public async Task An_export_without_initiators_is_no_target()
    {
        _table.Add("local", new MemoryDisk(1 << 20), ExportAccess.Local);
        Assert.Empty(_server.Targets);
        Export export = _table.Add("weak", new MemoryDisk(1 << 20), new ExportAccess { Initiators = [new(One, "one", "short")] });
        Assert.Empty(_server.Targets);
        Assert.Contains(_exports.Problems, p => p.Contains("weak") && !p.Contains("short\""));
        export.Access = Allow(One);
        Assert.Equal([$"{Prefix}:weak"], _server.Targets);
        Assert.Contains("PEWTER", (await InquireAsync(One, "weak")).Output);
    }

    [Fact]
    public async Task Removing_an_export_ends_its_session_before_its_disk()
    {
        Export export = _table.Add("d2", new MemoryDisk(16 << 20), Allow(One));
        string file = $"driver=raw,file.driver=iscsi,file.transport=tcp,file.portal={_portal},file.target={Prefix}:d2,file.lun=0,"
            + $"file.initiator-name={One},file.user=one,file.password-secret=s";
        using var client = Shell.Start(
            $"(echo 'write 0 1M'; sleep 5; echo quit) | timeout 20 qemu-io --object secret,id=s,data={Secret} --image-opts {file}");
        await Until.TrueAsync(() => export.Traffic.BytesWritten >= 1 << 20 || client.HasExited, "qemu-io writes");
        Assert.False(client.HasExited, client.HasExited ? await client.StandardError.ReadToEndAsync() + await client.StandardOutput.ReadToEndAsync() : "");
        Assert.Single(export.Leases);
        await _table.RemoveAsync("d2");
        Assert.Empty(export.Leases);
        await Until.TrueAsync(() => _server.Sessions.Count == 0, "the server forgets the session");
        client.Kill(entireProcessTree: true);
    }

    [Fact]
    public async Task A_disk_for_one_host_refuses_a_second()
    {
        Export export = _table.Add("d3", new MemoryDisk(1 << 20), Allow(One) with { OneHost = true });
        using ExportLease other = export.Open("nbd 10.0.0.1", "10.0.0.1", () => { });
        Assert.DoesNotContain("PEWTER", (await InquireAsync(One, "d3")).Output);
        other.Dispose();
        Assert.Contains("PEWTER", (await InquireAsync(One, "d3")).Output);
    }

    public async ValueTask DisposeAsync()
    {
        await _exports.DisposeAsync();
        await _server.DisposeAsync();
        await _table.DisposeAsync();
    }

    private static ExportAccess Allow(string initiator) => new() { Initiators = [new(initiator, "one", Secret)] };

    private Task<ShellResult> InquireAsync(string initiator, string export) =>
        Shell.RunAsync($"timeout 20 iscsi-inq -i {initiator} 'iscsi://one%{Secret}@{_portal}/{Prefix}:{export}/0'");
}
