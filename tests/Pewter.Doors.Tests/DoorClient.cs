using Pewter.NineP.Client;
using Pewter.NineP.Transport;

namespace Pewter.Doors.Tests;

/// <summary>A 9P client and its connection, which end together.</summary>
public sealed class DoorClient(NineClient client, NineTransport transport) : IAsyncDisposable
{
    public Task Completion => client.Completion;

    public Task<NineFile> AttachAsync(string user, string accessName, uint? number = null) =>
        client.AttachAsync(user, accessName, number).WaitAsync(TimeSpan.FromSeconds(10));

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await transport.DisposeAsync();
    }
}
