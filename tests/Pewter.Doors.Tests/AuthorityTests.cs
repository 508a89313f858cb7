using System.Net;
using Pewter.Doors.Identity;
using Pewter.Doors.Tls;
using Pewter.Store;
using Pewter.Testing;

namespace Pewter.Doors.Tests;

/// <summary>The built-in authority, looked at by a real openssl where one is there.</summary>
public sealed class AuthorityTests
{
    [Fact]
    public async Task Openssl_believes_what_it_issues()
    {
        if (!File.Exists("/usr/bin/openssl"))
            Assert.Skip("skipped, because openssl is not installed");
        using var home = new TemporaryDirectory();
        await using var state = await DoorHouse.OpenStateAsync();
        using var authority = await CertificateAuthority.OpenAsync(state, TimeProvider.System);
        var server = authority.IssueServer(["db.example"], [IPAddress.Parse("192.0.2.1")], TimeSpan.FromDays(1));
        var client = authority.IssueClient(new ClientIdentity("zoë, the 'first'", ["lab", "x=y"]), TimeSpan.FromDays(1));
        await authority.RevokeAsync(client.Serial);
        await File.WriteAllTextAsync(home["ca.pem"], authority.CertificatePem);
        await File.WriteAllTextAsync(home["server.pem"], server.CertificatePem);
        await File.WriteAllTextAsync(home["client.pem"], client.CertificatePem);
        await File.WriteAllTextAsync(home["crl.pem"], authority.ExportRevocationList());
        var verify = $"cd {home.Path}; openssl verify -x509_strict -CAfile ca.pem";
        Assert.Contains("server.pem: OK", (await Shell.RunAsync($"{verify} -purpose sslserver -verify_hostname db.example server.pem")).Output);
        Assert.Contains("server.pem: OK", (await Shell.RunAsync($"{verify} -verify_ip 192.0.2.1 server.pem")).Output);
        Assert.Contains("client.pem: OK", (await Shell.RunAsync($"{verify} -purpose sslclient client.pem")).Output);
        Assert.NotEqual(0, (await Shell.RunAsync($"{verify} -purpose sslserver client.pem")).ExitCode);
        Assert.Contains("revoked", (await Shell.RunAsync($"{verify} -crl_check -CRLfile crl.pem client.pem")).Errors);
    }

    [Fact]
    public async Task Names_come_back_as_they_were_written()
    {
        await using var state = await DoorHouse.OpenStateAsync();
        using var authority = await CertificateAuthority.OpenAsync(state, TimeProvider.System);
        var identity = new ClientIdentity("zoë, CN=root", ["lab", "a+OU=admin", "T=admin"], IsReadOnly: true);
        using var certificate = DoorHouse.Load(authority.IssueClient(identity, TimeSpan.FromDays(1)));
        var read = authority.Identify(certificate);
        Assert.NotNull(read);
        Assert.Equal((identity.User, false, true), (read.User, read.IsAdmin, read.IsReadOnly));
        Assert.Equal(identity.Groups, read.Groups);
    }

    [Fact]
    public async Task The_authority_and_its_revocations_outlive_the_daemon()
    {
        var disk = new MemoryDisk();
        string pem;
        IssuedCertificate good, bad;
        await using (var state = await DoorHouse.OpenStateAsync(disk))
        using (var authority = await CertificateAuthority.OpenAsync(state, TimeProvider.System))
        {
            pem = authority.CertificatePem;
            good = authority.IssueClient(new ClientIdentity("alice", []), TimeSpan.FromDays(1));
            bad = authority.IssueClient(new ClientIdentity("mallory", []), TimeSpan.FromDays(1));
            await authority.RevokeAsync(bad.Serial.ToLowerInvariant());
        }

        await using var sameState = await DoorHouse.OpenStateAsync(disk);
        using var again = await CertificateAuthority.OpenAsync(sameState, TimeProvider.System);
        using var goodOne = DoorHouse.Load(good);
        using var badOne = DoorHouse.Load(bad);
        Assert.Equal(pem, again.CertificatePem);
        Assert.Equal("alice", again.Identify(goodOne)?.User);
        Assert.Null(again.Identify(badOne));
        Assert.DoesNotContain("PRIVATE", $"{good} {again}");
    }

    [Fact]
    public void Local_users_have_their_names_and_groups()
    {
        using var home = new TemporaryDirectory();
        Directory.CreateDirectory(home["etc"]);
        File.WriteAllText(home["etc/passwd"], "root:x:0:0::/root:/bin/sh\nann:x:1001:100::/:/bin/sh\n1002:x:7:7::/:/bin/sh\n");
        File.WriteAllText(home["etc/group"], "root:x:0:\nusers:x:100:\nlab:x:200:bob,ann\n");
        var locals = new LocalCallers(home.Path);
        var ann = locals.Find(1001, 100);
        Assert.Equal(("ann", false), (ann.User, ann.IsAdmin));
        Assert.Equal(["users", "lab"], ann.Groups);
        Assert.True(locals.Find(0, 0).IsAdmin);
        Assert.True(new LocalCallers(home.Path, owner: 1001).Find(1001, 100).IsAdmin, "whose daemon it is");
        Assert.Equal(("1002", 0), (locals.Find(1002, 50).User, locals.Find(1002, 50).Groups.Count(group => group == "7")));
        File.AppendAllText(home["etc/group"], "new:x:300:ann\n");
        File.SetLastWriteTimeUtc(home["etc/group"], new DateTime(2040, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Contains("new", locals.Find(1001, 100).Groups);
    }
}
