namespace Pewter.Images.Library;

/// <summary>
/// The files of images beside the disk server's store: kernels, initramfs archives, and what is on its way in. Durable when a call returns.
/// </summary>
internal sealed class ImageFiles(string stateDirectory)
{
    private readonly string _files = Path.Combine(stateDirectory, "files");
    private readonly string _incoming = Path.Combine(stateDirectory, "incoming");

    /// <summary>Where an image's files are.</summary>
    public string DirectoryOf(ImageRecord image) => Path.Combine(_files, image.Id);

    /// <summary>A file that an image is being made from, kept over restarts.</summary>
    public string IncomingOf(ImageRecord image)
    {
        Directory.CreateDirectory(_incoming);
        return Path.Combine(_incoming, image.Id);
    }

    /// <summary>An empty directory to make an image in.</summary>
    public string WorkOf(ImageRecord image)
    {
        var work = IncomingOf(image) + ".work";
        if (Directory.Exists(work))
        {
            Directory.Delete(work, recursive: true);
        }

        Directory.CreateDirectory(work);
        return work;
    }

    /// <summary>Takes a copy of a file in, under a name, and returns its path.</summary>
    public async ValueTask<string> TakeAsync(ImageRecord image, string name, string source, CancellationToken cancellation)
    {
        Directory.CreateDirectory(DirectoryOf(image));
        var path = Path.Combine(DirectoryOf(image), name);
        await using var from = File.OpenRead(source);
        await using var to = File.Create(path + ".new");
        await from.CopyToAsync(to, cancellation);
        to.Flush(flushToDisk: true);
        File.Move(path + ".new", path, overwrite: true);
        return path;
    }

    /// <summary>Removes what an image was made from.</summary>
    public void RemoveIncoming(ImageRecord image)
    {
        File.Delete(IncomingOf(image));
        File.Delete(IncomingOf(image) + ".fs");
        foreach (var directory in (string[])[IncomingOf(image) + ".fs.root", IncomingOf(image) + ".work"])
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }

    /// <summary>Removes all files of an image; none is no failure.</summary>
    public void Remove(ImageRecord image)
    {
        RemoveIncoming(image);
        if (Directory.Exists(DirectoryOf(image)))
        {
            Directory.Delete(DirectoryOf(image), recursive: true);
        }
    }
}
