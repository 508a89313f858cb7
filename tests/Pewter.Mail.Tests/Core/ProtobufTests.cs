using Google.Protobuf.WellKnownTypes;
using Pewter.Mail.Protobuf;

namespace Pewter.Mail.Tests.Core;

public sealed class ProtobufTests
{
    [Fact]
    public async Task A_protobuf_message_is_sent_asked_and_answered()
    {
        await using var office = new PostOffice();
        var (client, server) = (office.Open(), office.Open());
        await client.SendAsync(server.Address, new DoubleValue { Value = 3.14 });
        Assert.Equal(3.14, (await server.ReceiveAsync()).Read(DoubleValue.Parser).Value);
        var asking = client.RequestAsync(server.Address, new Int32Value { Value = 20 }, Int32Value.Parser, TimeSpan.FromSeconds(60));
        var request = await server.ReceiveAsync();
        server.Reply(request, new Int32Value { Value = request.Read(Int32Value.Parser).Value + 1 });
        Assert.Equal(21, (await asking).Value);
    }
}
