using System.Text.Json;
using System.Text.Json.Serialization;
using Pewter.Doors.Tls;

namespace Pewter.Doors.Tokens;

/// <summary>Keeps tokens in one file of JSON lines that only its owner may read. A change writes the whole file anew beside it and renames.</summary>
/// <param name="path">The file.</param>
public sealed partial class FileTokenStorage(string path) : ITokenStorage
{
    private readonly SortedDictionary<string, StoredToken> _tokens = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredToken>> LoadAsync(CancellationToken cancellation)
    {
        if (!File.Exists(path))
            return [];
        await foreach (var line in File.ReadLinesAsync(path, cancellation))
        {
            var kept = JsonSerializer.Deserialize(line, TokenJson.Default.KeptToken)
                ?? throw new InvalidDataException($"{path}: a line is no token.");
            _tokens[kept.Grant.Id] = new StoredToken(kept.Grant, kept.Hash);
        }

        return [.. _tokens.Values];
    }

    /// <inheritdoc/>
    public ValueTask SaveAsync(StoredToken token, CancellationToken cancellation)
    {
        _tokens[token.Grant.Id] = token;
        return WriteAsync(cancellation);
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string id, CancellationToken cancellation)
    {
        _tokens.Remove(id);
        return WriteAsync(cancellation);
    }

    private ValueTask WriteAsync(CancellationToken cancellation)
    {
        var lines = _tokens.Values.Select(token =>
            JsonSerializer.Serialize(new KeptToken(token.Grant, token.Hash.ToArray()), TokenJson.Default.KeptToken) + "\n");
        return PrivateFile.WriteAsync(path, string.Concat(lines), cancellation);
    }

    internal sealed record KeptToken(TokenGrant Grant, byte[] Hash);

    [JsonSerializable(typeof(KeptToken))]
    private sealed partial class TokenJson : JsonSerializerContext;
}
