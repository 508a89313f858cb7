using Pewter.Doors.Http;

namespace Pewter.Doors.Tests;

/// <summary>An HTTP door on a Unix socket, loopback TCP and TLS, with curl commands for each.</summary>
public sealed class HttpHouse
{
    private readonly string _socket;
    private readonly string _authority;

    private HttpHouse(HttpDoor door, string socket, string authority) => (Door, _socket, _authority) = (door, socket, authority);

    public HttpDoor Door { get; }

    public string Unix => $"curl -sS --max-time 20 --unix-socket {_socket}";

    public static async Task<HttpHouse> OpenAsync(DoorHouse house, HttpDoorOptions? options = null)
    {
        var (socket, authority) = (house.Home["http"], house.Home["ca.pem"]);
        await File.WriteAllTextAsync(authority, house.Context.Authority!.CertificatePem);
        var door = await HttpDoor.OpenAsync(
            [new UnixEndpoint(socket), new LoopbackEndpoint(DoorHouse.FreePort), new TlsEndpoint(DoorHouse.FreePort)], house.Context, options);
        house.Own(door);
        return new HttpHouse(door, socket, authority);
    }

    public string Tcp(string? token) => $"curl -sS --max-time 20{Bearer(token)}";

    public string Tls(string? token, string? certificate = null) =>
        $"curl -sS --max-time 20 --cacert {_authority}{(certificate is null ? "" : $" --cert {certificate}")}{Bearer(token)}";

    public string Url(string curl) => curl.Contains("--unix-socket") ? "http://localhost"
        : curl.Contains("--cacert") ? $"https://localhost:{Port("https")}" : $"http://127.0.0.1:{Port("http")}";

    private static string Bearer(string? token) => token is null ? "" : $" -H 'Authorization: Bearer {token}'";

    private int Port(string scheme) => Door.Addresses.Single(address => address.Scheme == scheme).Port;
}
