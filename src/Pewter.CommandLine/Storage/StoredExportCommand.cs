using System.CommandLine;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Storage;

/// <summary>
/// <c>pewter image export</c>, <c>pewter disk export</c>: writes what one holds now to a file of the daemon's machine; its clients go on.
/// </summary>
internal sealed class StoredExportCommand : PewterCommand
{
    private readonly StoredObject _kind;
    private readonly Argument<string> _object;
    private readonly Argument<string> _path = new("FILE") { Description = "The file to write" };
    private readonly Option<string?> _format = new("--format")
    {
        Description = "raw, qcow2 or what qemu-img knows; by the file's ending when not given",
    };


    public StoredExportCommand(CommandHost host, StoredObject kind)
        : base(host, "export", $"Write what {(kind.Noun == "image" ? "an" : "a")} {kind.Noun} holds to a file")
    {
        (_kind, _object) = (kind, kind.One());
        Add(_object);
        Add(_path);
        Add(_format);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var path = Path.GetFullPath(context.Value(_path)!);
        var ending = Path.GetExtension(path).TrimStart('.');
        var format = context.Value(_format) ?? (ending is "qcow2" or "vmdk" or "vdi" or "vhdx" ? ending : "raw");
        var replies = await TreeControl.SendAsync(context, [_kind.Path(context.Value(_object)!)], ["export", path, $"format={format}"]);
        var code = TreeControl.Report(context, replies);
        if (code == ExitCode.Ok)
        {
            await context.Output.TextAsync(path + "\n", context.Cancellation);
        }

        return code;
    }
}
