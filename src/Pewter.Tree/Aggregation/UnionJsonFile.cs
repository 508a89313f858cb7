using System.Text;
using System.Text.Json;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>The JSON objects of all members in one array; a member that does not answer is an object that says so.</summary>
internal sealed class UnionJsonFile(Func<IReadOnlyList<UnionMember>> members, UnionOptions options, TimeProvider time)
    : TreeFile(QidType.File, UnixMode.Octal(444))
{
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new GatherOpen(this, async (add, closed) =>
        {
            var separator = "\n";
            add("[");
            var all = members();
            await Task.WhenAll(all.Select(async member =>
            {
                var elements = await ReadAsync(member, caller, closed);
                lock (all)
                {
                    foreach (var element in elements)
                    {
                        add(separator + element.TrimEnd('\n'));
                        separator = ",\n";
                    }
                }
            }));
            add("\n]\n");
        }));

    private async Task<IReadOnlyList<string>> ReadAsync(UnionMember member, Caller caller, CancellationToken cancellation)
    {
        var outcome = await FanOut.OneAsync(
            member, (_, stop) => ReadElementsAsync(member, caller, stop), options.DeadlineOf(member), time, cancellation);
        return outcome.Failure switch
        {
            null => outcome.Value,
            { Errno: Errno.ENOENT } => [],
            var failure => [Text(json => MemberText.WriteFailed(json, member, failure))],
        };
    }

    private static async ValueTask<IReadOnlyList<string>> ReadElementsAsync(UnionMember member, Caller caller, CancellationToken cancellation)
    {
        await using var file = await member.OpenAsync("json", OpenFlags.ReadOnly, caller, cancellation);
        var bytes = await file.ReadToEndAsync(cancellation);
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return [.. document.RootElement.EnumerateArray().Select(element => Text(json => MemberText.Write(json, member, element)))];
        }
        catch (Exception strange) when (strange is JsonException or InvalidOperationException)
        {
            throw new FileException(Errno.EPROTO, $"{member.Prefix}: its json is no array of objects.", strange);
        }
    }

    private static string Text(Action<Utf8JsonWriter> write) => Encoding.UTF8.GetString(JsonText.Line(write).Span);
}
