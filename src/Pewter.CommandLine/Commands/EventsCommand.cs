using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter events</c>: what happened, and with <c>--follow</c> what happens.</summary>
internal sealed class EventsCommand : PewterCommand
{
    /// <summary>A journal that says nothing for so long has told all it had.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    private static readonly Table<JsonElement> Table = new Table<JsonElement>(line => Field(line, "seq"))
        .Text("seq", line => Field(line, "seq"))
        .Text("time", line => Field(line, "time"))
        .Text("path", line => Field(line, "path"))
        .Text("event", line => Field(line, "event"))
        .Text("details", Details);

    private static readonly string[] Known = ["seq", "time", "path", "event"];

    private readonly Argument<string> _path;
    private readonly Option<bool> _follow = new("--follow", "-f") { Description = "Go on as events come" };
    private readonly Option<long?> _since = new("--since")
    {
        Description = "Only events after number N; 0 for all that are kept", HelpName = "N",
    };

    private readonly string _root;

    public EventsCommand(CommandHost host)
        : this(host, "/", new("PATH") { Description = "A directory with an events file", DefaultValueFactory = _ => "/" })
    {
    }

    /// <summary>The events of a collection or one of its objects.</summary>
    public EventsCommand(CommandHost host, string root, Argument<string> path, string name = "events")
        : base(host, name, "Show what happened, and follow what happens")
    {
        (_root, _path) = (root, path);
        Add(_path);
        Add(_follow);
        Add(_since);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        var directory = await tree.FindAsync(TreePath.Child(_root, context.Value(_path)!), context.Cancellation);
        var entry = directory.IsDirectory ? await tree.FindAsync(TreePath.Child(directory.Path, "events"), context.Cancellation) : directory;
        var since = context.Value(_since) ?? (context.Value(_follow) ? null : 0);
        await using var open = await tree.OpenAsync(entry.File, since is null ? OpenFlags.ReadOnly : OpenFlags.ReadWrite, context.Cancellation);
        if (since is { } number)
        {
            await open.WriteTextAsync(string.Create(CultureInfo.InvariantCulture, $"since {number}\n"), context.Cancellation);
        }

        await PrintAsync(context, open);
        return ExitCode.Ok;
    }

    private async ValueTask PrintAsync(CommandContext context, TreeHandle events)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        while (await NextAsync(context, events, done) is { } line)
        {
            await PrintLineAsync(context, line);
        }
    }

    private async ValueTask<string?> NextAsync(CommandContext context, TreeHandle events, CancellationTokenSource done)
    {
        var next = events.ReadLineAsync(done.Token).AsTask();
        if (context.Value(_follow) || await Task.WhenAny(next, Task.Delay(Quiet, context.Host.Time, context.Cancellation)) == next)
        {
            return await next;
        }

        await done.CancelAsync();
        try
        {
            return await next;
        }
        catch (OperationCanceledException)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    private static async ValueTask PrintLineAsync(CommandContext context, string line)
    {
        if (context.Output.Format == OutputFormat.Json)
        {
            await context.Output.TextAsync(line + "\n", context.Cancellation);
            return;
        }

        using var parsed = JsonDocument.Parse(line);
        await (context.Output.Format == OutputFormat.Yaml
            ? context.Output.DocumentAsync(parsed.RootElement.WriteTo, context.Cancellation, "---\n")
            : context.Output.RowAsync(Table, parsed.RootElement, context.Cancellation));
    }

    private static string Field(JsonElement line, string name) => line.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static string Details(JsonElement line) => string.Join(
        "  ", line.EnumerateObject().Where(property => !Known.Contains(property.Name)).Select(property => $"{property.Name}={property.Value}"));
}
