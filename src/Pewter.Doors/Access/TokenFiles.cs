using System.Buffers;
using System.Text;
using System.Text.Json;
using Pewter.Doors.Tokens;
using Pewter.Tree;

namespace Pewter.Doors.Access;

/// <summary>
/// <c>/token</c>: the tokens of this daemon, for administrators. <c>ctl</c> makes and revokes them; a secret is told once, to the fid that asked, and
/// stands in no other file.
/// </summary>
public static class TokenFiles
{
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromDays(30);

    /// <summary>The directory of a store.</summary>
    public static TreeDirectory Create(TokenStore tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return new TreeDirectory { Mode = UnixMode.Octal(750) }
            .Add("ctl", CtlFile.For(tokens, Commands()))
            .Add("status", new TextFile(() => Status(tokens)))
            .Add("json", new TextFile(() => Json(tokens)));
    }

    private static CommandSet<TokenStore> Commands() => new CommandSet<TokenStore>()
        .Add(
            "create <user> [ttl=duration] [path=word] [group=word] [note=word] [admin=on|off] [readonly=on|off]",
            "Makes a token; its words are told once.",
            CreateAsync)
        .Add("revoke <id>", "Ends a token and every connection made with it.", async (store, call, cancellation) =>
        {
            Administrators.Demand(call.Caller);
            await store.RevokeAsync(call.Word("id"), cancellation);
        });

    private static async ValueTask<CommandResult> CreateAsync(TokenStore store, CommandCall call, CancellationToken cancellation)
    {
        Administrators.Demand(call.Caller);
        var request = new TokenRequest(call.Word("user"), call.Duration("ttl", DefaultLifetime))
        {
            Groups = call.Word("group", null)?.Split(',') ?? [],
            IsAdmin = call.Word("admin", "off") == "on",
            IsReadOnly = call.Word("readonly", "off") == "on",
            PathPrefix = call.Word("path", "/")!,
            Note = call.Word("note", "")!,
        };
        var (grant, secret) = await store.CreateAsync(request, cancellation);
        return CommandResult.Json(json =>
        {
            json.WriteString("id", grant.Id);
            json.WriteString("user", grant.User);
            json.WriteString("expires", grant.ExpiresAt);
            json.WriteString("token", secret.Reveal());
        });
    }

    private static string Status(TokenStore tokens)
    {
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var grant in tokens.List())
        {
            new Logfmt(buffer).Path($"/token/{grant.Id}")
                .Pair("user", grant.User)
                .Pair("scope", grant.PathPrefix)
                .Pair("admin", grant.IsAdmin ? "on" : null)
                .Pair("readonly", grant.IsReadOnly ? "on" : null)
                .Pair("expires", grant.ExpiresAt.ToString("O", System.Globalization.CultureInfo.InvariantCulture))
                .Pair("note", grant.Note.Length == 0 ? null : grant.Note)
                .End();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Json(TokenStore tokens)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var grant in tokens.List())
            {
                json.WriteStartObject();
                json.WriteString("id", grant.Id);
                json.WriteString("user", grant.User);
                json.WriteString("scope", grant.PathPrefix);
                json.WriteBoolean("admin", grant.IsAdmin);
                json.WriteBoolean("readonly", grant.IsReadOnly);
                json.WriteString("created", grant.CreatedAt);
                json.WriteString("expires", grant.ExpiresAt);
                json.WriteString("note", grant.Note);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
