using System.Globalization;
using Pewter.Tree;

namespace Pewter.Images.Library;

/// <summary>What the tree shows of an image: fields, files, commands.</summary>
internal static class ImageDeclaration
{
    private static readonly uint Private = UnixMode.Octal(750);
    private static readonly uint Public = UnixMode.Octal(755);

    public static ObjectKind<Image> For(ImageLibrary library) => new()
    {
        Prefix = ImageRecord.Prefix,
        Fields = Fields(library),
        Commands = ImageCommands.OfImage(library),
        States = new StateModel<Image>(
            image => image.Record.State, [ImageStates.New, ImageStates.Importing, ImageStates.Interrupted, ImageStates.Ready], []),
        Owner = image => image.Record.Owner,
        ModeOf = ModeOf,
        Files = (directory, image) => AddFiles(directory, image, library),
        CollectionCtlMode = UnixMode.Octal(666),
        CollectionFiles = [KeyValuePair.Create<string, TreeFile>("quota", new TextFile(() => Quotas(library)))],
        Create = library.CloneImageAsync,
        IsBusy = image => image.Record.State != ImageStates.New,
        Reap = library.ReapImageAsync,
    };

    /// <summary>The permission bits of an image.</summary>
    public static uint ModeOf(Image image) => image.Record.IsPublic ? Public : Private;

    // A line a user: what they may have, what they have.
    private static string Quotas(ImageLibrary library) => string.Join('\n', library.Quota.Own
        .Select(quota => string.Create(CultureInfo.InvariantCulture, $"{quota.Key} {quota.Value} {library.UsedBy(quota.Key)}"))
        .Append($"default {library.Quota.Default?.ToString(CultureInfo.InvariantCulture) ?? "unlimited"}"));

    private static Fields<Image> Fields(ImageLibrary library) => new Fields<Image>()
        .Text("type", image => image.Record.Type, indexed: true)
        .Size("size", image => image.Record.Size)
        .Time("created", image => image.Record.Created)
        .Text("parent", image => library.ImageOf(image.Record.Parent)?.Record.Name)
        .Text("disk", image => image.Record.Disk is { } disk ? $"{DiskRecord.Prefix}{disk}" : null)
        .Int("disks", image => library.DisksOn(image))
        .Flag("public", image => image.Record.IsPublic)
        .Flag("protected", image => image.Record.IsProtected)
        .Tags("tags", image => image.Record.Tags)
        .Text("source", image => image.Record.Source)
        .Text("sha256", image => image.Record.Sha256)
        .Text("kernel", image => image.Record.Kernel)
        .Text("vmlinuz", image => image.Record.Vmlinuz)
        .Text("initrd", image => image.Record.Initrd)
        .Text("cmdline", image => image.Record.Cmdline)
        .Text("layer", image => image.Record.Layer)
        .Text("backing", image => image.Record.Backing)
        .Text("phase", image => image.Progress?.Phase)
        .Size("done", image => image.Progress?.Done)
        .Size("total", image => image.Progress?.Total);

    private static void AddFiles(TreeDirectory directory, Image image, ImageLibrary library)
    {
        directory
            .Add("snap", new LinksDirectory(caller => library.Children(image, caller).Select(
                child => new TreeLink(child.Record.Name, child.Number, $"../../{child.Record.Id}", child.Record.Owner))))
            .Add("lineage", new TextFile(() => string.Join('\n', library.Lineage(image.Record).Select(each => each.Name))))
            .Add("dependants", new TextFile(() => string.Join('\n', library.Dependants(image))));
        if (image.Record.State == ImageStates.New)
        {
            directory.Add("data", new ImageDataFile(library, image));
        }

        if (image.Record.Layer is { } layer)
        {
            directory
                .Add("heat", new TextFile((_, cancellation) => library.Blocks.ReadAsync($"/layer/{layer}/heat", cancellation)))
                .Add("used", new TextFile((_, cancellation) => library.Blocks.ReadAsync($"/layer/{layer}/used", cancellation)));
        }
    }
}
