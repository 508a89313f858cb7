using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>One open that the kernel holds. Owns the <see cref="OpenFile"/>; disposed when the kernel releases it or the session ends.</summary>
internal sealed class FuseHandle(ulong id, FuseNode node, OpenFile open, IReadingPosition position) : IAsyncDisposable
{
    public ulong Id => id;

    public FuseNode Node => node;

    public OpenFile Open => open;

    /// <summary>Turns the kernel's offsets into reads of the open.</summary>
    public IReadingPosition Position => position;

    public async ValueTask DisposeAsync()
    {
        await position.DisposeAsync();
        await open.DisposeAsync();
    }
}
