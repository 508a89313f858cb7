using Pewter.Doors.Tls;
using Pewter.Tree;

namespace Pewter.Doors.Access;

/// <summary>
/// <c>/ca</c>: the built-in certificate authority. <c>cert</c> and <c>crl</c> are for everybody; <c>ctl</c> issues and revokes, for administrators. A
/// private key is told once, to the fid that asked.
/// </summary>
public static class AuthorityFiles
{
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromDays(90);

    /// <summary>The directory of an authority.</summary>
    public static TreeDirectory Create(CertificateAuthority authority)
    {
        ArgumentNullException.ThrowIfNull(authority);
        return new TreeDirectory()
            .Add("ctl", CtlFile.For(authority, Commands()))
            .Add("cert", new TextFile(() => authority.CertificatePem))
            .Add("crl", new TextFile(() => authority.ExportRevocationList()));
    }

    private static CommandSet<CertificateAuthority> Commands() => new CommandSet<CertificateAuthority>()
        .Add(
            "client <user> [ttl=duration] [group=word] [admin=on|off] [readonly=on|off]",
            "Issues a client certificate; its key is told once.",
            Issue)
        .Add("revoke <serial>", "Revokes a certificate and ends the connections made with it.", async (authority, call, cancellation) =>
        {
            Administrators.Demand(call.Caller);
            await authority.RevokeAsync(call.Word("serial"), cancellation);
        });

    private static ValueTask<CommandResult> Issue(CertificateAuthority authority, CommandCall call, CancellationToken cancellation)
    {
        Administrators.Demand(call.Caller);
        var groups = call.Word("group", null)?.Split(',') ?? [];
        var identity = new ClientIdentity(call.Word("user"), groups, call.Word("admin", "off") == "on", call.Word("readonly", "off") == "on");
        var issued = authority.IssueClient(identity, call.Duration("ttl", DefaultLifetime));
        return new ValueTask<CommandResult>(CommandResult.Json(json =>
        {
            json.WriteString("serial", issued.Serial);
            json.WriteString("certificate", issued.CertificatePem);
            json.WriteString("key", issued.RevealKeyPem());
        }));
    }
}
