using System.Text;

namespace Pewter.Doors.Tls;

/// <summary>Files that only their owner may read, written whole: beside, synced, then renamed, so that no moment shows a half.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static async ValueTask WriteAsync(string path, string text, CancellationToken cancellation)
    {
        var beside = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly, Options = FileOptions.Asynchronous,
        };
        await using (var file = new FileStream(beside, options))
        {
            await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }
}
