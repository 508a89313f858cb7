using System.CommandLine;
using System.Text;
using System.Text.Json;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter cat</c>: files as they are, or with <c>-o json|yaml</c> as data.</summary>
internal sealed class CatCommand : PewterCommand
{
    private readonly Argument<string[]> _paths = TreeArguments.Paths("Files of the tree", required: true);
    private readonly WatchLoop _watch = new();

    public CatCommand(CommandHost host)
        : base(host, "cat", "Print files of the tree")
    {
        Add(_paths);
        Add(_watch.Option);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        return await _watch.RunAsync(context, output => PrintAsync(context, tree, output));
    }

    private async ValueTask<int> PrintAsync(CommandContext context, TreeClient tree, OutputWriter output)
    {
        foreach (var path in context.Value(_paths)!)
        {
            var entry = await tree.FindAsync(path, context.Cancellation);
            if (entry.IsDirectory)
            {
                throw new FileException(Errno.EISDIR, $"{entry.Path} is a directory; 'pewter ls {entry.Path}' shows what is in it.");
            }

            if (output.Format is OutputFormat.Json or OutputFormat.Yaml)
            {
                await PrintDataAsync(context, output, entry.Path, await tree.TextAsync(entry.Path, context.Cancellation));
                continue;
            }

            await using var open = await tree.OpenAsync(entry.File, OpenFlags.ReadOnly, context.Cancellation);
            await foreach (var piece in open.ReadPiecesAsync(context.Cancellation))
            {
                await output.BytesAsync(piece, context.Cancellation);
            }
        }

        return ExitCode.Ok;
    }

    private static async ValueTask PrintDataAsync(CommandContext context, OutputWriter output, string path, string text)
    {
        using var document = TryParse(text);
        await output.DocumentAsync(json => Write(json, path, text, document), context.Cancellation);
    }

    private static void Write(Utf8JsonWriter json, string path, string text, JsonDocument? document)
    {
        if (document is not null)
        {
            document.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        json.WriteString("path", path);
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    private static JsonDocument? TryParse(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        try
        {
            return text.AsSpan().TrimStart() is ['{' or '[', ..] && JsonDocument.TryParseValue(ref reader, out var document) ? document : null;
        }
        catch (JsonException)
        {
            // Looks like JSON and is not: shown as text.
            return null;
        }
    }
}
