using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Pewter.Daemon;

/// <summary>Prints what became of each resource: lines for people, or JSON, which is YAML too.</summary>
internal static class CleaningReport
{
    public static async Task WriteAsync(TextWriter writer, string format, IReadOnlyList<CleanedResource> results)
    {
        if (format is "json" or "yaml")
        {
            await writer.WriteLineAsync(Json(results));
            return;
        }

        foreach (var (resource, outcome, problem) in results)
        {
            var kind = resource.Kind.ToString().ToLowerInvariant();
            var line = format == "name" ? resource.Name : $"{outcome,-12}  {kind,-10}  {resource.Name}  {problem}";
            await writer.WriteLineAsync(line.TrimEnd());
        }
    }

    private static string Json(IReadOnlyList<CleanedResource> results)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (var (resource, outcome, problem) in results)
            {
                json.WriteStartObject();
                json.WriteString("kind", resource.Kind.ToString().ToLowerInvariant());
                json.WriteString("name", resource.Name);
                json.WriteString("service", resource.Service);
                json.WriteString("outcome", outcome);
                json.WriteString("problem", problem);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
