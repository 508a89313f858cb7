using Pewter.Images.Composing;
using Pewter.Images.Importing;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Images.Library;

/// <summary>The commands of <c>/image/ctl</c> and of an image's own <c>ctl</c>.</summary>
internal static class ImageCommands
{
    public static CommandSet<Collection<Image>> OfCollection(ImageLibrary library) => new CommandSet<Collection<Image>>()
        .Add(
            "import <path> <name> [format=word] [sha256=word] [kernel=word] [initrd=word] [cmdline=word] [public=word] [tag=word]",
            "Takes a disk in: a file that qemu-img reads, a directory, an archive, an OCI layout or an address of HTTP.",
            async (_, call, cancellation) =>
            {
                DemandAdmin(call.Caller);
                var path = call.Word("path");
                path = ImageSource.IsAddress(path) ? path : Absolute(path);
                return Result(await library.ImportDiskAsync(Wish(call), path, call.Word("format", ImageFormat.Auto)!, cancellation));
            })
        .Add(
            "import-kernel <kernel> <name> [initrd=word] [cmdline=word] [public=word] [tag=word]",
            "Takes a kernel and an initramfs of this machine's files in.",
            async (_, call, cancellation) =>
            {
                DemandAdmin(call.Caller);
                return Result(await library.ImportKernelAsync(Wish(call), cancellation));
            })
        .Add(
            "compose <what:tiny|debian|packages|directory> [name] [packages=word] [directory=word] [ram=word] [size=size] [suite=word] [mirror=word] "
            + "[cmdline=word] [public=word] [tag=word]",
            "Makes an image: the smallest guest, a Debian system, or one of packages or a directory; ram=yes: diskless, all in memory.",
            async (_, call, cancellation) =>
            {
                DemandAdmin(call.Caller);
                return Result(await library.ComposeAsync(ComposeWish(call), Composition(call), cancellation));
            })
        .Add("gc", "Frees what no image and no disk needs any more.", async (_, call, cancellation) =>
        {
            DemandAdmin(call.Caller);
            await library.RecoverAsync(cancellation);
            var reply = await library.Blocks.CommandAsync("/layer/ctl", ["collect"], cancellation);
            return CommandResult.Of("freed", reply.Line.GetProperty("freed").GetInt64());
        })
        .Add("quota <user> [bytes:size]", "Gives a user a quota of bytes; without one, the default again.", async (_, call, cancellation) =>
        {
            DemandAdmin(call.Caller);
            await library.SetQuotaAsync(call.Word("user"), call.Has("bytes") ? call.Size("bytes") : null, cancellation);
        });

    public static CommandSet<Image> OfImage(ImageLibrary library) => new CommandSet<Image>()
        .Add(
            "import <name> [format=word] [sha256=word] [length=int] [public=word] [tag=word]",
            "Makes an image from clone of the data that was written.",
            async (image, call, cancellation) =>
            {
                var wish = new ImageWish
                {
                    Name = call.Word("name"), Caller = call.Caller, Sha256 = call.Word("sha256", null), IsPublic = IsYes(call, "public"),
                    Tags = Tags(call),
                };
                var length = call.Has("length") ? call.Int("length") : (long?)null;
                await library.ImportWrittenAsync(image, wish, call.Word("format", ImageFormat.Auto)!, length, cancellation);
                return Result(image);
            })
        .Add("rename <name>", "Gives the image another name.", async (image, call, cancellation) =>
            _ = await library.RenameAsync(image, call.Word("name"), cancellation))
        .Add("snapshot <name>", "Gives what the image holds a second name.", async (image, call, cancellation) =>
            Result(await library.SnapshotAsync(image, call.Word("name"), call.Caller, cancellation)))
        .Add("protect <what:on|off>", "Whether the image cannot be removed.", async (image, call, cancellation) =>
            _ = await library.ChangeAsync(image, record => record with { IsProtected = call.Word("what") == "on" }, cancellation))
        .Add("public <what:on|off>", "Whether everybody may use the image.", async (image, call, cancellation) =>
            _ = await library.ChangeAsync(image, record => record with { IsPublic = call.Word("what") == "on" }, cancellation))
        .Add("tag <words...>", "Adds tags; a word that begins with '-' takes one away.", async (image, call, cancellation) =>
            _ = await library.ChangeAsync(
                image, record => record with { Tags = LibraryTags.Change(record.Tags, call.Words("words"), library.Limits) }, cancellation))
        .Add("verify", "Checks every block.", (image, _, cancellation) => VerifyAsync(library, image, cancellation))
        .Add("export <path> [format=word]", "Writes the image to a file of this machine.", async (image, call, cancellation) =>
        {
            DemandAdmin(call.Caller);
            await library.Blocks.CommandAsync(
                $"/layer/{Layer(image)}/ctl", ["export", Absolute(call.Word("path")), $"format={call.Word("format", "raw")}"], cancellation);
        })
        .Add("remove", "Removes the image; refused while others stand on it.", async (image, call, cancellation) =>
            _ = await library.RemoveAsync(image, cancellation));

    /// <summary>Files of this machine are looked at with the daemon's rights.</summary>
    public static void DemandAdmin(Caller caller)
    {
        if (!caller.IsAdmin)
        {
            throw new FileException(Errno.EPERM, "Only an administrator may do this; others send an image's bytes through /image/clone.");
        }
    }

    public static string Absolute(string path) => Path.IsPathRooted(path) ? path : throw new FileException(
        Errno.EINVAL, $"'{path}' is no absolute path; the daemon works in another directory.");

    private static async ValueTask<CommandResult> VerifyAsync(ImageLibrary library, Image image, CancellationToken cancellation)
    {
        try
        {
            var reply = await library.Blocks.CommandAsync($"/layer/{Layer(image)}/ctl", ["verify"], cancellation);
            return CommandResult.Of("blocks", reply.Line.GetProperty("blocks").GetInt64());
        }
        catch (FileException damage) when (damage.Errno == Errno.EIO)
        {
            throw new FileException(Errno.EIO, $"The image {image.Record.Name} is damaged: {damage.Message}", damage);
        }
    }

    private static string Layer(Image image) => image.Record.Layer ?? throw new FileException(
        Errno.EINVAL, $"The image {image.Record.Name} is a kernel; its files are in its json.");

    private static ImageWish Wish(CommandCall call) => new()
    {
        Name = call.Word("name"),
        Caller = call.Caller,
        Sha256 = call.Name == "import" ? call.Word("sha256", null) : null,
        Kernel = Existing(call.Name == "import-kernel" ? call.Word("kernel") : call.Word("kernel", null)),
        Initrd = Existing(call.Word("initrd", null)),
        Cmdline = call.Word("cmdline", null),
        IsPublic = IsYes(call, "public"),
        Tags = Tags(call),
    };

    private static bool IsYes(CommandCall call, string name) => call.Word(name, null) is "yes" or "on" or "true";

    private static string[] Tags(CommandCall call) =>
        call.Word("tag", null) is { } tags ? tags.Split(',', StringSplitOptions.RemoveEmptyEntries) : [];

    private static ImageWish ComposeWish(CommandCall call) => new()
    {
        Name = call.Word("name", null) ?? (call.Word("what") is "tiny" or "debian" ? call.Word("what")
            : throw new FileException(Errno.EINVAL, "A composed image needs a name.")),
        Caller = call.Caller,
        Cmdline = call.Word("cmdline", null),
        IsPublic = call.Word("public", "yes") == "yes",
        Tags = Tags(call),
    };

    private static Composition Composition(CommandCall call)
    {
        var what = call.Word("what");
        var plain = new Composition();
        string[] named = call.Word("packages", null) is { } list ? list.Split(',', StringSplitOptions.RemoveEmptyEntries) : [];
        var directory = call.Word("directory", null) is { } path ? Absolute(path) : null;
        if ((what == "packages" && named.Length == 0) || (what == "directory" && (directory is null || !Directory.Exists(directory))))
        {
            var sentence = what == "packages" ? "Name the packages: packages=a,b,c." : "Name a directory that is there: directory=/path.";
            throw new FileException(Errno.EINVAL, sentence);
        }

        var isInMemory = what == "tiny" || IsYes(call, "ram");
        return plain with
        {
            Directory = what is "directory" or "tiny" ? directory : null,
            Packages = what switch
            {
                "debian" => [.. Composing.Composition.DebianPackages, .. named],
                "packages" => isInMemory ? named : [.. Composing.Composition.DebianPackages.Union(named)],
                _ => [],
            },
            IsInMemory = isInMemory,
            Size = call.Size("size", plain.Size),
            Suite = call.Word("suite", plain.Suite)!,
            Mirror = call.Word("mirror", plain.Mirror)!,
        };
    }

    private static string? Existing(string? path) => path is null || File.Exists(Absolute(path)) ? path : throw new FileException(
        Errno.ENOENT, $"{path}: there is no such file on the daemon's machine.");

    private static CommandResult Result(Image image) => CommandResult.Each([($"/image/{image.Record.Id}", CommandResult.Json(json =>
    {
        json.WriteString("id", image.Record.Id);
        json.WriteString("name", image.Record.Name);
        json.WriteString("type", image.Record.Type);
        json.WriteNumber("size", image.Record.Size);
    }))]);
}
