using System.Diagnostics;
using System.Security.Cryptography;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Distribution.Benchmarks;

/// <summary>A file from this program to every cell: down the tree, and one by one as a loop over the nodes' <c>fs</c> does it.</summary>
internal static class FanOut
{
    private const int FileBytes = 18_000_000;
    private const int PieceBytes = 512 << 10;

    /// <summary>Milliseconds from a file that nobody has to the path of it on every cell.</summary>
    public static async Task<double> DownTheTreeAsync(Fleet fleet)
    {
        var file = await NewFileAsync();
        try
        {
            var start = Stopwatch.GetTimestamp();
            var pushed = await fleet.Root.Files.PushAsync([file]);
            var places = await fleet.Root.Files.SendAsync(pushed, fleet.Cells);
            var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            return places.Count == fleet.Cells.Count ? took
                : throw new InvalidOperationException($"{places.Count} of {fleet.Cells.Count} cells have it.");
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Milliseconds until the file was written to each cell in turn, through the tree.</summary>
    public static async Task<double> OneByOneAsync(Fleet fleet, int cells)
    {
        var file = await NewFileAsync();
        try
        {
            var start = Stopwatch.GetTimestamp();
            foreach (var cell in fleet.Cells.Take(cells))
            {
                await WriteAsync(fleet.Root.Tree, cell, file);
            }

            // All cells cost alike, so a part of them stands for the whole.
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds * fleet.Cells.Count / cells;
        }
        finally
        {
            File.Delete(file);
            foreach (var cell in fleet.Cells.Take(cells))
            {
                var directory = await fleet.Root.Tree.WalkAsync(cell + "/fs/tmp");
                await directory.UnlinkAsync("pushed", false, Caller.System, default);
            }
        }
    }

    private static async Task WriteAsync(TreeClient tree, string cell, string file)
    {
        var directory = await tree.WalkAsync(cell + "/fs/tmp");
        await using var made = new TreeHandle(
            await directory.CreateAsync("pushed", OpenFlags.WriteOnly, UnixMode.Octal(755), Caller.System, default));
        await using var content = File.OpenRead(file);
        var buffer = new byte[PieceBytes];
        while (await content.ReadAsync(buffer) is > 0 and var count)
        {
            await made.WriteAsync(buffer.AsMemory(0, count));
        }
    }

    private static async Task<string> NewFileAsync()
    {
        var path = Path.Combine(Path.GetTempPath(), $"pw-push-{Guid.NewGuid():N}");
        await File.WriteAllBytesAsync(path, RandomNumberGenerator.GetBytes(FileBytes));
        return path;
    }
}
