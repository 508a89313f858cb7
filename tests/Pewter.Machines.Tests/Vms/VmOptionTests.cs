using System.Net.Sockets;
using System.Text;
using Pewter.Testing;

namespace Pewter.Machines.Tests.Vms;

/// <summary>What a machine may be asked to be, as its guest and this machine's kernel see it.</summary>
public sealed class VmOptionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_machine_has_the_processors_nodes_of_memory_and_pins_that_were_asked_for()
    {
        await using var house = await VmHouse.StartAsync();
        var id = (await house.AllocAsync("cpu=2", "numa=2", "mem=256Mi", "pin=0", "machine=q35"))[0];
        Assert.Equal("2", await house.RunAsync(id, "nproc"));
        Assert.Equal("node0 node1", await house.RunAsync(id, "cd /sys/devices/system/node && echo node*"));
        Assert.Equal("1", await house.RunAsync(id, "cat /sys/devices/system/node/node1/cpulist"));
        var process = Assert.Single(house.Processes());
        foreach (var thread in Directory.EnumerateDirectories($"/proc/{process}/task"))
            Assert.Contains("Cpus_allowed_list:\t0\n", await File.ReadAllTextAsync($"{thread}/status", Cancellation));
        await house.Admin.CommandAsync($"/node/{id}/ctl", ["release"]);
    }

    [Fact]
    public async Task A_debugger_can_look_into_a_machine()
    {
        await using var house = await VmHouse.StartAsync();
        var id = (await house.AllocAsync("gdb=on"))[0];
        var address = (await house.Admin.ReadTextAsync($"/node/{id}/gdb")).Trim();
        Assert.StartsWith("unix:", address);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(address["unix:".Length..]), Cancellation);

        // GDB's remote protocol: why it stopped, and the first register.
        Assert.StartsWith("T", await AskAsync(socket, "?"));
        Assert.Matches("^[0-9a-f]{16}", await AskAsync(socket, "g"));
        await socket.SendAsync(Packet("D"), Cancellation);
        socket.Dispose();
        await Until.TrueAsync(async () => await house.RunAsync(id, "echo goes on") == "goes on", "the machine goes on after the debugger");
        await house.Admin.CommandAsync($"/node/{id}/ctl", ["release"]);
    }

    private static byte[] Packet(string command) =>
        Encoding.ASCII.GetBytes($"${command}#{(byte)Encoding.ASCII.GetBytes(command).Sum(each => each):x2}");

    private static async Task<string> AskAsync(Socket socket, string command)
    {
        await socket.SendAsync(Packet(command), Cancellation);

        // The stop of the machine is told by itself as well, whenever it comes.
        while (true)
        {
            var packet = await PacketAsync(socket);
            await socket.SendAsync("+"u8.ToArray(), Cancellation);
            if (command == "?" || !packet.StartsWith('T'))
            {
                return packet;
            }
        }
    }

    private static async Task<string> PacketAsync(Socket socket)
    {
        var (text, one) = ("", new byte[1]);
        while (text.Length < 3 || text[^3] != '#')
        {
            Assert.Equal(1, await socket.ReceiveAsync(one, Cancellation));
            text += (char)one[0];
        }

        return text[(text.LastIndexOf('$') + 1)..^3];
    }
}
