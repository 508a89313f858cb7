namespace Pewter.Blocks.Benchmarks.Iscsi;

/// <summary>What the load generator does.</summary>
internal sealed record IscsiLoad(string Id, int Connections, int Depth, int BlockSize, bool Writes, bool IsSequential)
{
    public static IReadOnlyList<IscsiLoad> All { get; } =
    [
        new("blocks.iscsi.read4k.c1d1", 1, 1, 4096, Writes: false, IsSequential: false),
        new("blocks.iscsi.read4k.c1d16", 1, 16, 4096, Writes: false, IsSequential: false),
        new("blocks.iscsi.read4k.c4d8", 4, 8, 4096, Writes: false, IsSequential: false),
        new("blocks.iscsi.read4k.c16d4", 16, 4, 4096, Writes: false, IsSequential: false),
        new("blocks.iscsi.read128k.c1d4", 1, 4, 128 * 1024, Writes: false, IsSequential: true),
        new("blocks.iscsi.write4k.c4d8", 4, 8, 4096, Writes: true, IsSequential: false),
        new("blocks.iscsi.write128k.c1d4", 1, 4, 128 * 1024, Writes: true, IsSequential: true),
    ];
}
