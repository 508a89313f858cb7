using Pewter.Hosting;
using Pewter.Linux.Files;

namespace Pewter.Distribution.Blobs;

/// <summary>
/// Where blobs lie on the disk: <c>data/DIGEST</c> once for all owners, <c>incoming/NUMBER</c> while one arrives, and the directory of what
/// each owner's
/// nodes see, which holds further names of the same files. Calls only change names and are safe from many threads.
/// </summary>
internal sealed class BlobDirectory
{
    // What is shown to nodes is read and run, never written: its other names are other nodes'.
    private const UnixFileMode Runnable = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly ServiceContext _context;
    private readonly string _data;
    private readonly string _incoming;

    internal BlobDirectory(ServiceContext context)
    {
        _context = context;
        _data = Path.Join(context.StateDirectory, "data");
        _incoming = Path.Join(context.StateDirectory, "incoming");
        MakePrivate(_data);
        MakePrivate(_incoming);

        // What was on its way when the last daemon ended has no owner any more.
        foreach (var file in Directory.EnumerateFiles(_incoming))
        {
            File.Delete(file);
        }
    }

    internal string Incoming(long number) => Path.Join(_incoming, FormattableString.Invariant($"{number}"));

    internal string Data(string digest) => Path.Join(_data, digest);

    /// <summary>Bytes of a digest's file; null when it is not there.</summary>
    internal long? LengthOf(string digest) => new FileInfo(Data(digest)) is { Exists: true } file ? file.Length : null;

    /// <summary>What has arrived becomes the content of its digest.</summary>
    internal void Accept(long number, string digest)
    {
        var path = Incoming(number);
        File.SetUnixFileMode(path, Runnable);
        File.Move(path, Data(digest), overwrite: true);
    }

    internal void Drop(long number) => File.Delete(Incoming(number));

    /// <summary>Shows a file to an owner's nodes; returns its name in their directory.</summary>
    internal string Show(string user, string digest)
    {
        HardLink.Ensure(Data(digest), Path.Join(_context.FilesOf(user), digest));
        return digest;
    }

    /// <summary>Shows the files of a bundle to an owner's nodes, in a directory of its own; returns its name in theirs.</summary>
    internal string Show(string user, string digest, IReadOnlyList<BundleEntry> entries)
    {
        var directory = Path.Join(_context.FilesOf(user), digest);
        if (!Directory.Exists(directory))
        {
            // Seen whole or not at all.
            var made = Directory.CreateDirectory($"{directory}.{Guid.NewGuid():N}").FullName;
            foreach (var entry in entries)
            {
                HardLink.Ensure(Data(entry.Digest), Path.Join(made, entry.Name));
            }

            try
            {
                Directory.Move(made, directory);
            }
            catch (IOException) when (Directory.Exists(directory))
            {
                Directory.Delete(made, recursive: true);
            }
        }

        return digest;
    }

    /// <summary>Takes a digest away from an owner's nodes, and its content when it was the last owner.</summary>
    internal void Remove(string user, string digest, bool isLast)
    {
        var shown = Path.Join(_context.FilesOf(user), digest);
        if (Directory.Exists(shown))
        {
            Directory.Delete(shown, recursive: true);
        }

        File.Delete(shown);
        if (isLast)
        {
            File.Delete(Data(digest));
        }
    }

    private static void MakePrivate(string directory) =>
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
}
