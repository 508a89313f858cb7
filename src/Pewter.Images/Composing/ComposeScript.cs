namespace Pewter.Images.Composing;

/// <summary>Runs <c>compose.sh</c>, which is part of this program.</summary>
internal static class ComposeScript
{
    private const string Name = "compose.sh";

    /// <summary>Runs it with these words; what it refuses is a failure with its sentence.</summary>
    public static async ValueTask RunAsync(IEnumerable<string> words, CancellationToken cancellation)
    {
        await using var resource = typeof(ComposeScript).Assembly.GetManifestResourceStream(Name)!;
        using var reader = new StreamReader(resource);
        var script = await reader.ReadToEndAsync(cancellation);

        // As an argument, not by a pipe: it starts itself again where it needs other rights.
        await Tool.RunAsync(
            "bash", "bash", ["-c", script, Name, .. words], cancellation, variables: new Dictionary<string, string> { ["COMPOSE_SCRIPT"] = script });
    }
}
