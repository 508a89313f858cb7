using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Peers.Links;

/// <summary>
/// The first line that a child writes to <c>/peer/join</c>; after the answer the same open carries 9P, with the child as the server.
/// </summary>
/// <param name="Name">The name that it asks for.</param>
/// <param name="Id">Its id, which everybody may know.</param>
/// <param name="Key">What only it knows: who comes back under this name must have it.</param>
/// <param name="Version">Its version.</param>
/// <param name="Address">Its own address, as it sees it.</param>
/// <param name="Via">The door that it dialled.</param>
internal sealed record JoinHello(string Name, string Id, string Key, string Version, string Address, string Via)
{
    public const int MaxBytes = 4096;
    private const int Protocol = 1;

    /// <summary>What is kept of the key.</summary>
    public byte[] HashKey() => SHA256.HashData(Encoding.UTF8.GetBytes(Key));

    public ReadOnlyMemory<byte> Write() => JsonText.Line(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("protocol", Protocol);
        json.WriteString("name", Name);
        json.WriteString("id", Id);
        json.WriteString("key", Key);
        json.WriteString("version", Version);
        json.WriteString("address", Address);
        json.WriteString("via", Via);
        json.WriteEndObject();
    });

    /// <summary>Reads one. EPROTO when it is none, EOPNOTSUPP for another protocol.</summary>
    public static JoinHello Read(ReadOnlySpan<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(Encoding.UTF8.GetString(line));
            var root = json.RootElement;
            if (root.GetProperty("protocol").GetInt32() != Protocol)
            {
                throw new FileException(Errno.EOPNOTSUPP, "The daemons are of versions that do not fit: bring the older one up to date.");
            }

            string Text(string name) => root.GetProperty(name).GetString() is { Length: > 0 and < 512 } text ? text : throw new FormatException();
            return new JoinHello(Text("name"), Text("id"), Text("key"), Text("version"), Text("address"), Text("via"));
        }
        catch (Exception strange) when (strange is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FileException(Errno.EPROTO, "The hello is not one of a daemon.", strange);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Id})";
}
