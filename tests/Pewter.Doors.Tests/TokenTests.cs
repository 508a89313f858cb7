using System.Text;
using Pewter.Doors.Tokens;
using Pewter.NineP;
using Pewter.Store;
using Pewter.Testing;

namespace Pewter.Doors.Tests;

/// <summary>Tokens: what they allow, how long, and that nobody learns them.</summary>
public sealed class TokenTests
{
    [Fact]
    public async Task A_token_outlives_the_daemon_and_ends_on_time()
    {
        var disk = new MemoryDisk();
        var time = new ManualTime();
        string words;
        await using (var state = await DoorHouse.OpenStateAsync(disk))
        using (var store = await TokenStore.OpenAsync(state, time))
        {
            var request = new TokenRequest("alice", TimeSpan.FromDays(100)) { Groups = ["lab"], PathPrefix = "/node", Note = "for CI" };
            words = (await store.CreateAsync(request)).Secret.Reveal();
        }

        await using var sameState = await DoorHouse.OpenStateAsync(disk);
        using var again = await TokenStore.OpenAsync(sameState, time);
        var token = again.Verify(words);
        Assert.NotNull(token);
        Assert.Equal(("alice", "/node", "for CI"), (token.Grant.User, token.Grant.PathPrefix, token.Grant.Note));
        Assert.Equal(["lab"], token.Grant.ToCaller().Groups);
        time.Advance(TimeSpan.FromDays(99));
        Assert.NotNull(again.Verify(words));
        Assert.False(token.Ended.IsCancellationRequested);
        time.Advance(TimeSpan.FromDays(1));
        Assert.Null(again.Verify(words));
        Assert.True(token.Ended.IsCancellationRequested);
        Assert.Single(again.List());
    }

    [Fact]
    public async Task A_revoked_token_is_gone_for_good()
    {
        await using var state = await DoorHouse.OpenStateAsync();
        using var store = await TokenStore.OpenAsync(state, TimeProvider.System);
        var (grant, secret) = await store.CreateAsync(new TokenRequest("alice", TimeSpan.FromDays(1)));
        var (_, other) = await store.CreateAsync(new TokenRequest("bob", TimeSpan.FromDays(1)));
        await store.RevokeAsync(grant.Id);
        Assert.Null(store.Verify(secret.Reveal()));
        Assert.NotNull(store.Verify(other.Reveal()));
        using var again = await TokenStore.OpenAsync(state, TimeProvider.System);
        Assert.Null(again.Verify(secret.Reveal()));
        Assert.Equal("bob", Assert.Single(again.List()).User);
        var missing = await Assert.ThrowsAsync<FileException>(() => store.RevokeAsync(grant.Id).AsTask());
        Assert.Equal(Errno.ENOENT, missing.Errno);
    }

    [Fact]
    public async Task The_secret_is_nowhere_but_with_its_owner()
    {
        await using var state = await DoorHouse.OpenStateAsync();
        using var store = await TokenStore.OpenAsync(state, TimeProvider.System);
        var (grant, secret) = await store.CreateAsync(new TokenRequest("alice", TimeSpan.FromDays(1)));
        var proof = secret.Reveal().Split('_')[2];
        var kept = Encoding.UTF8.GetString((await state.ReadAsync("token", grant.Id, CancellationToken.None))!.Body.Span);
        var seen = string.Join('\n', secret, $"{secret}", grant, store.Verify(secret.Reveal()), kept);
        Assert.DoesNotContain(proof, seen);
        Assert.Contains(grant.Id, seen);
        Assert.Contains(Convert.ToBase64String(secret.Hash()), kept);
    }

    [Fact]
    public async Task Every_changed_letter_makes_the_words_worthless()
    {
        await using var state = await DoorHouse.OpenStateAsync();
        using var store = await TokenStore.OpenAsync(state, TimeProvider.System);
        var (_, secret) = await store.CreateAsync(new TokenRequest("alice", TimeSpan.FromDays(1)));
        var words = secret.Reveal();
        for (var i = 0; i < words.Length; i++)
        {
            var changed = new StringBuilder(words) { [i] = words[i] == '1' ? '2' : '1' }.ToString();
            Assert.Null(store.Verify(changed));
        }

        foreach (var wrong in (string?[])[null, "", "pwt", "pwt__", words + "_", words + "0", words[..^1], words.ToUpperInvariant()])
            Assert.Null(store.Verify(wrong));
    }

    [Theory]
    [InlineData("", 1, "/")]
    [InlineData("alice\n", 1, "/")]
    [InlineData("alice", 0, "/")]
    [InlineData("alice", 1, "node")]
    [InlineData("alice", 1, "/node/../x")]
    public async Task A_token_that_makes_no_sense_is_refused(string user, int days, string prefix)
    {
        await using var state = await DoorHouse.OpenStateAsync();
        using var store = await TokenStore.OpenAsync(state, TimeProvider.System);
        var request = new TokenRequest(user, TimeSpan.FromDays(days)) { PathPrefix = prefix };
        var refusal = await Assert.ThrowsAsync<FileException>(() => store.CreateAsync(request).AsTask());
        Assert.Equal(Errno.EINVAL, refusal.Errno);
    }
}
