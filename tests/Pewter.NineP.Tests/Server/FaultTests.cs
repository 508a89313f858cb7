using Pewter.NineP.Server;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Tests.Server;

public sealed class FaultTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task A_bug_in_a_file_ends_its_connection_and_is_told_to_whoever_serves(bool late)
    {
        var (mine, servers) = MemoryTransport.CreatePair();
        var serving = NineServer.ServeAsync(
            servers, new Broken(late), null, NineLimits.Default, TimeProvider.System, CancellationToken.None);
        using var peer = new RawPeer(mine);
        await peer.StartAsync();
        peer.Add(1, new Tgetattr { Fid = 0 });
        await peer.FlushAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => serving.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    private sealed class Broken(bool late) : ServedFile, IAttachPoint
    {
        public override Qid Qid => new(QidType.Directory, 0, 1);

        public ValueTask<Attachment> AttachAsync(AttachRequest request, CancellationToken cancellation) =>
            new(new Attachment(this, Caller.System));

        public override async ValueTask<FileStat> StatAsync(Caller caller, CancellationToken cancellation)
        {
            if (late)
                await Task.Delay(10, cancellation);
            throw new InvalidOperationException("a bug");
        }

        public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
            throw new FileException(Errno.EACCES, "Closed.");
    }
}
