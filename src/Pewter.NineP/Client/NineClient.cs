using System.IO.Pipelines;
using System.Text;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Client;

/// <summary>
/// A 9P2000.L and 9P2000 client. Any number of callers use it at once and their requests are pipelined over the one connection; a blocked read
/// holds up nobody. Failures are <see cref="FileException"/>s with the server's errno; after a loss of the connection, ENOLINK.
/// </summary>
public sealed class NineClient : IAsyncDisposable
{
    private NineClient(ClientConnection connection) => Connection = connection;

    /// <summary>What was agreed on.</summary>
    public Dialect Dialect => Connection.Dialect;

    /// <summary>Agreed size of the largest message, in bytes.</summary>
    public int MessageSize => Connection.MessageSize;

    /// <summary>The most bytes that one read or write moves.</summary>
    public int MaxData => MessageSize - Protocol.IoHeaderSize;

    /// <summary>Ends when the connection is lost or closed; never fails.</summary>
    public Task Completion => Connection.Completion;

    internal ClientConnection Connection { get; }

    internal FidNumbers Fids { get; } = new();

    /// <summary>Agrees with the server on a version.</summary>
    /// <param name="transport">The connection. Disposing the client completes its pipes; disposing the transport is the caller's.</param>
    /// <param name="options">How to talk; null for the defaults.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FileException">EPROTO or ECONNRESET when no version was agreed on.</exception>
    public static async Task<NineClient> ConnectAsync(
        IDuplexPipe transport,
        NineClientOptions? options = null,
        TimeProvider? time = null,
        CancellationToken cancellation = default)
    {
        var connection = new ClientConnection(transport, options ?? NineClientOptions.Default, time ?? TimeProvider.System);
        try
        {
            await connection.StartAsync(cancellation);
            return new NineClient(connection);
        }
        catch (ProtocolException strange)
        {
            await connection.DisposeAsync();
            throw new FileException(Errno.EPROTO, $"The server does not speak 9P: {strange.Message}");
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Attaches to a tree of the server and gives its root.</summary>
    /// <param name="userName">A claim, proof of nothing.</param>
    /// <param name="accessName">The tree or view, with its token where one is needed.</param>
    /// <param name="userId">The claimed number; null for none. 9P2000.L only.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<NineFile> AttachAsync(
        string userName, string accessName, uint? userId = null, CancellationToken cancellation = default)
    {
        var fid = Fids.Take();
        try
        {
            using var call = await Connection.EnterAsync(cancellation);
            call.Send(new Tattach
            {
                Fid = fid,
                AuthFid = Protocol.NoFid,
                UserName = Encoding.UTF8.GetBytes(userName),
                AccessName = Encoding.UTF8.GetBytes(accessName),
                UserId = userId ?? Protocol.NoUserId,
            });
            await call.ReceiveAsync(cancellation);
            return new NineFile(this, fid, call.Read<Rattach>().Qid, "");
        }
        catch
        {
            Fids.Return(fid);
            throw;
        }
    }

    /// <summary>Closes the connection; requests still in flight fail with ENOLINK.</summary>
    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
