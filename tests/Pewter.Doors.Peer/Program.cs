using System.Net.Sockets;
using System.Text;
using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;

// A 9P client on a Unix socket as another user: SOCKET UNAME NUID ANAME read PATH | write PATH TEXT. Prints what it read, or the errno.
var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
await socket.ConnectAsync(new UnixDomainSocketEndPoint(args[0]));
await using var transport = NineTransport.FromSocket(socket);
try
{
    await using var client = await NineClient.ConnectAsync(transport);
    await using var root = await client.AttachAsync(args[1], args[3], args[2] == "-" ? null : uint.Parse(args[2]));
    await using var file = await root.WalkAsync(args[5]);
    if (args[4] == "read")
    {
        await file.OpenAsync(OpenFlags.ReadOnly);
        var buffer = new byte[8192];
        Console.Write(Encoding.UTF8.GetString(buffer, 0, await file.ReadAsync(0, buffer)));
    }
    else
    {
        await file.OpenAsync(OpenFlags.WriteOnly);
        await file.WriteAsync(0, Encoding.UTF8.GetBytes(args[6] + "\n"));
    }

    return 0;
}
catch (FileException failure)
{
    Console.Write(failure.Errno);
    return 1;
}
