namespace Pewter.Mail.Tests.Oracle;

/// <summary>What a script has seen: lines "name: what was seen".</summary>
internal static class Facts
{
    internal static Dictionary<string, string> Of(IEnumerable<string> lines) => lines.Select(line => line.Trim())
        .Where(line => line.Contains(": ", StringComparison.Ordinal))
        .Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary>Checks that both have seen the same, but for what is said to differ, which must differ as it is said.</summary>
    internal static void Compare(
        Dictionary<string, string> kernel, Dictionary<string, string> ours, Dictionary<string, (string Kernel, string Ours)> differences)
    {
        foreach (var (name, seen) in kernel)
        {
            var (theirs, own) = differences.GetValueOrDefault(name, (seen, seen));
            var found = $"{seen} / {ours.GetValueOrDefault(name, "not told")}";
            Assert.True(found == $"{theirs} / {own}", $"{name}: {found}, among\n{string.Join('\n', kernel)}\n---\n{string.Join('\n', ours)}");
        }

        Assert.Equal(kernel.Keys.Order(), ours.Keys.Order());
    }
}
