using System.Collections.Concurrent;
using System.Security.Cryptography;
using Pewter.Doors.Access;
using Pewter.Doors.Admission;
using Pewter.NineP;
using Pewter.Store;

namespace Pewter.Doors.Tokens;

/// <summary>
/// The tokens that open the doors on networks. Each is scoped and ends; only its hash is kept, and hashes are compared in constant time.
/// Verification takes no lock and touches no disk; changes are made one at a time and are durable before they are seen.
/// </summary>
public sealed class TokenStore : IDisposable
{
    private readonly EntityTable<StoredToken> _table;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, TokenEntry> _entries = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _changes = new(1, 1);

    private TokenStore(EntityTable<StoredToken> table, TimeProvider time)
    {
        (_table, _time) = (table, time);
        foreach (var (id, token) in table.Snapshot)
            _entries[id] = new TokenEntry(token.Value, new Deadline(token.Value.Grant.ExpiresAt, time));
    }

    /// <summary>Opens the tokens that are kept in a daemon's state, which it leads.</summary>
    public static async ValueTask<TokenStore> OpenAsync(StateStore state, TimeProvider time, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        return new TokenStore(await state.LoadTableAsync("token", TokenJson.Default.StoredToken, cancellation), time);
    }

    /// <summary>Every token that has not been revoked, the expired ones too, oldest first.</summary>
    public IReadOnlyList<TokenGrant> List() =>
        [.. _entries.Values.Select(entry => entry.Stored.Grant).OrderBy(grant => grant.CreatedAt).ThenBy(grant => grant.Id, StringComparer.Ordinal)];

    /// <summary>Makes a token. Its secret is told here and never again.</summary>
    /// <exception cref="FileException">EINVAL: no user, no lifetime, or a prefix that is no absolute path.</exception>
    public async ValueTask<(TokenGrant Grant, TokenSecret Secret)> CreateAsync(TokenRequest request, CancellationToken cancellation = default)
    {
        Validate(request);
        var secret = TokenSecret.Generate();
        var now = _time.GetUtcNow();
        var grant = new TokenGrant
        {
            Id = secret.Id,
            User = request.User,
            Groups = [.. request.Groups],
            IsAdmin = request.IsAdmin,
            IsReadOnly = request.IsReadOnly,
            PathPrefix = request.PathPrefix,
            Note = request.Note,
            CreatedAt = now,
            ExpiresAt = now + request.Lifetime,
        };
        var stored = new StoredToken(grant, secret.Hash());
        await _changes.WaitAsync(cancellation);
        try
        {
            await Durably.DoAsync(async () => await _table.CreateAsync(grant.Id, stored, cancellation));
            _entries[grant.Id] = new TokenEntry(stored, new Deadline(grant.ExpiresAt, _time));
        }
        finally
        {
            _changes.Release();
        }

        return (grant, secret);
    }

    /// <summary>Ends a token and every connection that was opened with it. ENOENT when there is none.</summary>
    public async ValueTask RevokeAsync(string id, CancellationToken cancellation = default)
    {
        await _changes.WaitAsync(cancellation);
        try
        {
            if (!_entries.ContainsKey(id))
                throw new FileException(Errno.ENOENT, $"There is no token {id}.");
            await Durably.DoAsync(async () => await _table.DeleteAsync(id, cancellation));
            if (_entries.TryRemove(id, out var entry))
                entry.End.Dispose();
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>What these words allow; null when they prove nothing, or no longer.</summary>
    public VerifiedToken? Verify(string? words)
    {
        var secret = TokenSecret.TryParse(words);
        if (secret is null)
            return null;
        // An unknown id costs the same as a wrong secret.
        var entry = _entries.GetValueOrDefault(secret.Id);
        ReadOnlySpan<byte> kept = entry is null ? stackalloc byte[SHA256.HashSizeInBytes] : entry.Stored.Hash.Span;
        var proven = CryptographicOperations.FixedTimeEquals(kept, secret.Hash());
        return proven && entry is { End.IsPast: false } ? new VerifiedToken(entry.Stored.Grant, entry.End.Reached) : null;
    }

    /// <summary>Ends the connections of every bearer, as when the daemon stops; the tokens stay good.</summary>
    public void Dispose()
    {
        foreach (var entry in _entries.Values)
            entry.End.Dispose();
        _changes.Dispose();
    }

    private static void Validate(TokenRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.User.Length == 0 || request.User.Any(char.IsControl))
            throw new FileException(Errno.EINVAL, "A token needs the name of a user.");
        if (request.Lifetime <= TimeSpan.Zero || request.Lifetime > TimeSpan.FromDays(3660))
            throw new FileException(Errno.EINVAL, "A token lives for more than no time and at most ten years.");
        if (!request.PathPrefix.StartsWith('/') || request.PathPrefix.Split('/').Any(name => name is "." or ".."))
            throw new FileException(Errno.EINVAL, "The prefix of a token is an absolute path without dots.");
    }
}
