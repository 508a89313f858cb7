using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Pewter.Mail;

// usage: Pewter.Mail.Peer hub SOCKET NODE [listen|dial PORT] | receive SOCKET NAME LOG | send SOCKET NAME LOG
// Each says "ready", does its work and ends with its input; tests kill it before that. A log has a line for each thing
// that has happened, written before the next
// happens: "T sender number" taken, "A number" accepted, "R number reason" come back.
switch (args[0])
{
    case "hub":
        await HubAsync();
        break;
    case "receive":
        Receive(await AttachAsync());
        break;
    default:
        await SendAsync(await AttachAsync());
        break;
}

async Task HubAsync()
{
    await using var hub = new MailHub(new MailHubOptions { Node = ulong.Parse(args[2], CultureInfo.InvariantCulture) });
    hub.Listen(args[1]);
    if (args.Length > 3)
        _ = Task.Run(() => args[3] == "listen" ? ListenAsync(hub, Port()) : DialAsync(hub, Port()));
    Console.WriteLine("ready");
    await Console.In.ReadLineAsync();
}

int Port() => int.Parse(args[4], CultureInfo.InvariantCulture);

static async Task ListenAsync(MailHub hub, int port)
{
    using var listener = new TcpListener(IPAddress.Loopback, port);
    listener.Start();
    while (true)
    {
        var stream = new NetworkStream(await listener.AcceptSocketAsync(), ownsSocket: true);
        _ = hub.TrunkAsync(stream, "child");
    }
}

static async Task DialAsync(MailHub hub, int port)
{
    while (true)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            await hub.TrunkAsync(new NetworkStream(socket, ownsSocket: true), "parent", isUp: true);
        }
        catch (SocketException)
        {
            socket.Dispose();
        }

        await Task.Delay(100);
    }
}

async Task<PostOffice> AttachAsync()
{
    while (true)
    {
        try
        {
            return await PostOffice.AttachAsync(args[1]);
        }
        catch (MailException)
        {
            // The hub is being killed just now; it will be back.
            await Task.Delay(50);
        }
    }
}

void Receive(PostOffice office)
{
    var box = office.Open(new MailboxOptions { Overflow = OverflowPolicy.Block });
    box.Bind(MailTarget.Parse(args[2]));
    EndWithInput();
    Console.WriteLine("ready");
    using var log = new FileStream(args[3], FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 0);
    while (true)
    {
        box.Receive(out var message);
        if (message.Kind == MessageKind.Data)
            Write(log, $"T {message.From} {BitConverter.ToInt32(message.Body.Span)}");
    }
}

async Task SendAsync(PostOffice office)
{
    var (box, target) = (office.Open(new MailboxOptions { CapacityBytes = 64 << 20 }), MailTarget.Parse(args[2]));
    Console.WriteLine($"ready {box.Address}");
    using var log = new FileStream(args[3], FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 0);
    var ending = Task.Run(Console.In.ReadLine);
    for (var number = 1; !ending.IsCompleted; number++)
    {
        if (await TrySendAsync(box, target, number))
            Write(log, $"A {number}");
        Drain(box, log);
        if (number % 16 == 0)
            await Task.Delay(1);
    }

    // What is still under way comes back, or is taken.
    for (var quiet = 0; quiet < 30; quiet = Drain(box, log) ? 0 : quiet + 1)
        await Task.Delay(50);
    Console.WriteLine("done");
    Console.In.ReadLine();
}

static async Task<bool> TrySendAsync(Mailbox box, MailTarget target, int number)
{
    try
    {
        await box.SendAsync(target, BitConverter.GetBytes(number));
        return true;
    }
    catch (MailException refused) when (refused.Reason != RejectReason.None)
    {
        // Nobody has the name just now.
        await Task.Delay(2);
        return false;
    }
}

static bool Drain(Mailbox box, FileStream log)
{
    var any = false;
    while (box.TryReceive(out var message))
    {
        any = true;
        if (message.Kind == MessageKind.Rejected)
            Write(log, $"R {BitConverter.ToInt32(message.Body.Span)} {message.Reason}");
    }

    return any;
}

static void Write(FileStream log, string line) => log.Write(Encoding.UTF8.GetBytes(line + "\n"));

static void EndWithInput() => new Thread(() =>
{
    Console.In.ReadLine();
    Environment.Exit(0);
}) { IsBackground = true }.Start();
