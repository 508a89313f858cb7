using System.CommandLine;

namespace Pewter.CommandLine.Storage;

/// <summary><c>pewter image</c>: what disks are made of and machines boot from.</summary>
internal sealed class ImageCommand : Command
{
    public ImageCommand(CommandHost host)
        : base("image", "Import, compose, look at, freeze and remove images")
    {
        var image = StoredObject.Image;
        Add(new ImageImportCommand(host));
        Add(new ImageComposeCommand(host));
        Add(new StoredListCommand(host, image, StorageText.Images));
        Add(new StoredShowCommand(host, image));
        Add(new ImageTreeCommand(host));
        Add(StoredLineCommand.One(host, image, "rename", "Give an image another name", ("NAME", "The new name")));
        Add(StoredLineCommand.One(host, image, "snapshot", "Give what an image holds a second name", ("NAME", "The second name")));
        Add(StoredLineCommand.One(host, image, "protect", "Keep an image from being removed, or no more", ("ON", "on or off")));
        Add(StoredLineCommand.One(host, image, "public", "Let everybody use an image, or no more", ("ON", "on or off")));
        Add(StoredLineCommand.Many(host, image, "verify", "verify", "Check every block of images"));
        Add(StoredLineCommand.Many(host, image, "rm", "remove", "Remove images; refused, with their names, while others stand on them"));
        Add(new StoredExportCommand(host, image));
        Add(new StoredFileCommand(host, image, "heat", "Which blocks its disks read first: offset, bytes, milliseconds"));
        Add(new ImageCollectCommand(host));
        Add(new ImageQuotaCommand(host));
    }
}
