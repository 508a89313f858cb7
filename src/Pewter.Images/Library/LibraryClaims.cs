using Pewter.NineP;

namespace Pewter.Images.Library;

/// <summary>
/// Names and bytes of what is being made and is in no table yet, so that two who ask at once do not both get them. All members may be called at once.
/// </summary>
internal sealed class LibraryClaims
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _bytes = new(StringComparer.Ordinal);

    /// <summary>Bytes of a user that are being made.</summary>
    public long BytesOf(string user)
    {
        lock (_lock)
        {
            return _bytes.GetValueOrDefault(user);
        }
    }

    /// <summary>Claims until it is disposed.</summary>
    /// <param name="paths">The names, with their collections.</param>
    /// <param name="user">Whose it will be.</param>
    /// <param name="bytes">How much it will be.</param>
    /// <param name="admit">Looks whether all of it may be had, with nobody else claiming meanwhile; throws when it may not.</param>
    /// <exception cref="FileException">EEXIST: another is making one of the names.</exception>
    public IDisposable Claim(IEnumerable<string> paths, string user, long bytes, Action admit)
    {
        string[] wanted = [.. paths];
        lock (_lock)
        {
            if (wanted.FirstOrDefault(_paths.Contains) is { } taken)
            {
                throw new FileException(Errno.EEXIST, $"{taken} is being made by another right now.");
            }

            admit();
            _paths.UnionWith(wanted);
            _bytes[user] = _bytes.GetValueOrDefault(user) + bytes;
        }

        return new Held(this, wanted, user, bytes);
    }

    private void Release(string[] paths, string user, long bytes)
    {
        lock (_lock)
        {
            _paths.ExceptWith(paths);
            _bytes[user] -= bytes;
            if (_bytes[user] == 0)
            {
                _bytes.Remove(user);
            }
        }
    }

    private sealed class Held(LibraryClaims claims, string[] paths, string user, long bytes) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                claims.Release(paths, user, bytes);
            }
        }
    }
}
