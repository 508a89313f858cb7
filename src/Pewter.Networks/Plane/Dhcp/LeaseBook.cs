using System.Text.Json;
using Pewter.Networks.Addresses;

namespace Pewter.Networks.Plane.Dhcp;

/// <summary>
/// The leases of machines that came unannounced. On disk before they are told to anybody; read again at a start. Not safe for several threads: one
/// server owns it.
/// </summary>
internal sealed class LeaseBook
{
    /// <summary>An address offered is kept for who was offered it; 30 s is longer than any client takes to ask for it.</summary>
    private static readonly TimeSpan OfferTime = TimeSpan.FromSeconds(30);

    /// <summary>Who says that an address is used by another is believed for ten minutes.</summary>
    private static readonly TimeSpan DeclinedTime = TimeSpan.FromMinutes(10);

    private readonly string? _path;
    private readonly Dictionary<string, Lease> _leases = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, (string Mac, DateTimeOffset Until)> _held = [];

    private LeaseBook(string? path) => _path = path;

    public IReadOnlyList<Lease> Leases => [.. _leases.Values.OrderBy(lease => Subnet.ParseAddress(lease.Address))];

    /// <summary>The book in a file; a file that cannot be read is an empty book, because its readers only lose their old addresses.</summary>
    public static LeaseBook Open(string? path)
    {
        var book = new LeaseBook(path);
        try
        {
            foreach (var lease in path is null ? [] : Read(path))
            {
                book._leases[lease.Mac] = lease;
            }
        }
        catch (Exception damaged) when (damaged is JsonException or IOException)
        {
            book._leases.Clear();
        }

        return book;
    }

    /// <summary>The leases in a file; none when there is no file.</summary>
    public static IReadOnlyList<Lease> Read(string path) => File.Exists(path)
        ? JsonSerializer.Deserialize(File.ReadAllBytes(path), PlaneJson.Default.IReadOnlyListLease) ?? []
        : [];

    /// <summary>An address for a machine: the one it had, the one it wishes, or any; null when none is free.</summary>
    public uint? Find(string mac, uint? wish, AddressRange range, IReadOnlySet<uint> reserved, DateTimeOffset now)
    {
        Expire(now);
        if (_leases.GetValueOrDefault(mac) is { } old && Subnet.ParseAddress(old.Address) is var had && IsFree(had))
        {
            return had;
        }

        if (wish is { } wished && IsFree(wished))
        {
            return wished;
        }

        HashSet<uint> taken = [.. reserved, .. _held.Where(held => held.Value.Mac != mac).Select(held => held.Key),
            .. Others().Select(lease => Subnet.ParseAddress(lease.Address))];
        return range.FirstFree(taken);

        IEnumerable<Lease> Others() => _leases.Values.Where(lease => lease.Mac != mac);
        bool IsFree(uint address) => address >= range.First && address <= range.Last && !reserved.Contains(address)
            && !(_held.TryGetValue(address, out var held) && held.Mac != mac) && Others().All(lease => Subnet.ParseAddress(lease.Address) != address);
    }

    /// <summary>Keeps an address for a machine until it asks for it.</summary>
    public void Hold(uint address, string mac, DateTimeOffset now) => _held[address] = (mac, now + OfferTime);

    /// <summary>Gives a machine an address; on disk when this returns.</summary>
    public void Give(string mac, uint address, string? name, DateTimeOffset expires)
    {
        _held.Remove(address);
        _leases[mac] = new Lease(mac, Subnet.Address(address).ToString(), name, expires);
        Write();
    }

    /// <summary>Takes back what a machine had.</summary>
    public void Release(string mac)
    {
        if (_leases.Remove(mac))
        {
            Write();
        }
    }

    /// <summary>Gives nobody an address that somebody else uses.</summary>
    public void Decline(uint address, string mac, DateTimeOffset now)
    {
        Release(mac);
        _held[address] = ("", now + DeclinedTime);
    }

    private void Expire(DateTimeOffset now)
    {
        foreach (var (address, held) in _held.ToList())
        {
            if (held.Until <= now)
            {
                _held.Remove(address);
            }
        }

        if (_leases.Values.Where(lease => lease.Expires <= now).Select(lease => lease.Mac).ToList() is { Count: > 0 } over)
        {
            over.ForEach(mac => _leases.Remove(mac));
            Write();
        }
    }

    private void Write()
    {
        if (_path is null)
        {
            return;
        }

        var next = _path + ".new";
        using (var file = new FileStream(next, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, Leases, PlaneJson.Default.IReadOnlyListLease);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, _path, overwrite: true);
    }
}
