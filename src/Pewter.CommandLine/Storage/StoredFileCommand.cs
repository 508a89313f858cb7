using System.CommandLine;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Storage;

/// <summary>A command that prints a file of an image or disk: <c>pewter disk heat DISK</c>.</summary>
internal sealed class StoredFileCommand : PewterCommand
{
    private readonly StoredObject _kind;
    private readonly string _file;
    private readonly Argument<string> _object;

    public StoredFileCommand(CommandHost host, StoredObject kind, string file, string description)
        : base(host, file, description)
    {
        (_kind, _file, _object) = (kind, file, kind.One());
        Add(_object);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        var text = await tree.TextAsync(TreePath.Child(_kind.Path(context.Value(_object)!), _file), context.Cancellation);
        await context.Output.TextAsync(text, context.Cancellation);
        return ExitCode.Ok;
    }
}
