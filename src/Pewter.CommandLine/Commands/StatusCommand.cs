using System.CommandLine;
using System.Text.Json;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.Sdk;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter status</c>: the state of the whole system, or of any object or collection.</summary>
internal sealed class StatusCommand : PewterCommand
{
    private readonly Argument<string> _path = new("PATH")
    {
        Description = "A directory with a status file", DefaultValueFactory = _ => "/",
    };
    private readonly WatchLoop _watch = new();

    public StatusCommand(CommandHost host)
        : base(host, "status", "Show the state of the system, a collection or an object")
    {
        Add(_path);
        Add(_watch.Option);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        return await _watch.RunAsync(context, output => PrintAsync(context, tree, output));
    }

    private async ValueTask<int> PrintAsync(CommandContext context, TreeClient tree, OutputWriter output)
    {
        var directory = TreePath.Join(TreePath.Split(context.Value(_path)!));
        var text = await tree.TextAsync(TreePath.Child(directory, "status"), context.Cancellation);
        var rows = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(StatusRow.Parse).ToList();
        await output.ListAsync(StatusRow.TableOf(rows), rows, context.Cancellation);
        return ExitCode.Ok;
    }

    /// <summary>A line of a status file: the path first, then fields.</summary>
    private sealed record StatusRow(string Path, IReadOnlyList<KeyValuePair<string, string>> Fields)
    {
        private static readonly string[] First = ["state", "kind", "name"];

        public static StatusRow Parse(string line)
        {
            var fields = LogfmtLine.Parse(line);
            var path = fields.FirstOrDefault(field => field.Key.Length == 0).Value ?? fields.FirstOrDefault(field => field.Key == "path").Value ?? "";
            return new StatusRow(path, [.. fields.Where(field => field.Key.Length != 0 && field.Key != "path")]);
        }

        public static Table<StatusRow> TableOf(IReadOnlyList<StatusRow> rows)
        {
            var table = new Table<StatusRow>(row => row.Path).Text("path", row => row.Path);
            foreach (var key in First.Where(key => rows.Any(row => row.Value(key) is not null)))
            {
                table.Column(key, row => row.Value(key) ?? "", (json, row) => Write(json, row.Value(key)));
            }

            // Objects differ in their other fields: for people those are one column, for programs each is a field.
            table.Column("details", row => string.Join("  ", row.Others.Select(field => $"{field.Key}={field.Value}")), null);
            return table.Hidden((json, row) =>
            {
                foreach (var (key, value) in row.Others)
                {
                    json.WritePropertyName(key);
                    Write(json, value);
                }
            });
        }

        private IEnumerable<KeyValuePair<string, string>> Others => Fields.Where(field => !First.Contains(field.Key)).DistinctBy(field => field.Key);

        private string? Value(string key) => Fields.FirstOrDefault(field => field.Key == key).Value;

        private static void Write(Utf8JsonWriter json, string? value)
        {
            if (long.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var number))
            {
                json.WriteNumberValue(number);
            }
            else
            {
                json.WriteStringValue(value);
            }
        }
    }
}
