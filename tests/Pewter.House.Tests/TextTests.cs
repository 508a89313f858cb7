using System.Text.RegularExpressions;

namespace Pewter.House.Tests;

/// <summary>What holds for every text file, whatever its language.</summary>
public sealed partial class TextTests
{
    private static readonly string[] TextEndings = [".cs", ".csproj", ".props", ".md", ".sh", ".txt", ".yaml", ".json", ".slnx", ".html", ".css", ".js"];
    private static readonly string[] LeftoverEndings = [".orig", ".rej", ".bak", ".swp", ".tmp", "~", ".user"];

    private static IEnumerable<string> TextFiles => Repository.Files.Where(
        file => TextEndings.Any(ending => file.EndsWith(ending, StringComparison.Ordinal)) || !Path.GetFileName(file).Contains('.', StringComparison.Ordinal));

    [Fact]
    public void No_file_names_a_path_of_the_machine_it_was_written_on() =>
        Assert.DoesNotContain(TextFiles, file => PrivatePath().IsMatch(Repository.Read(file)));

    [Fact]
    public void Every_text_file_ends_its_lines_with_a_newline_alone_and_the_last_one_too() =>
        Assert.DoesNotContain(TextFiles, file => !IsWellEnded(Repository.Read(file)));

    [Fact]
    public void No_editor_or_merge_left_a_file_behind() =>
        Assert.DoesNotContain(Repository.Files, file => LeftoverEndings.Any(ending => file.EndsWith(ending, StringComparison.Ordinal)));

    [Fact]
    public void Every_relative_link_in_a_document_leads_somewhere()
    {
        var broken =
            from file in Repository.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal))
            from Match link in Link().Matches(Repository.Read(file))
            let target = link.Groups[1].Value.Split('#')[0]
            where target.Length != 0 && !target.Contains("://", StringComparison.Ordinal)
            where !Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(file)!, target))
            select $"{file}: {target}";
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_row_of_the_specification_is_measured_by_a_benchmark_or_a_test()
    {
        var programs = Repository.Files.Select(file => BenchmarkProgram().Match(file)).Where(match => match.Success)
            .Select(match => match.Groups[1].Value.ToLowerInvariant()).ToHashSet();
        var rows = SpecifiedRow().Matches(Repository.Read("SPECIFICATION.md"));
        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            Assert.Contains(row.Groups[1].Value, programs);
            Assert.Matches($@"`\./(bench|test) {row.Groups[1].Value}|\| the same \|", row.Value);
        });
    }

    [Theory]
    [InlineData("see /" + "work/main", true)]
    [InlineData("see /" + "home/somebody/x", true)]
    [InlineData("net/" + "work/main is a path in the tree", false)]
    public void A_private_path_is_told_from_others(string text, bool isPrivate) => Assert.Equal(isPrivate, PrivatePath().IsMatch(text));

    [Theory]
    [InlineData("a\n", true)]
    [InlineData("", true)]
    [InlineData("a", false)]
    [InlineData("a\r\n", false)]
    public void Line_ends_are_judged(string text, bool good) => Assert.Equal(good, IsWellEnded(text));

    private static bool IsWellEnded(string text) => text.Length == 0 || (text[^1] == '\n' && !text.Contains("\r\n", StringComparison.Ordinal));

    [GeneratedRegex(@"(?<![\w.])/(work|home/[a-z]+)/")]
    private static partial Regex PrivatePath();

    [GeneratedRegex(@"^benchmarks/Pewter\.([A-Za-z]+)\.Benchmarks/Program\.cs$")]
    private static partial Regex BenchmarkProgram();

    [GeneratedRegex(@"^\| `([a-z]+)\.[a-z0-9._-]+` \|.*$", RegexOptions.Multiline)]
    private static partial Regex SpecifiedRow();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
