namespace Pewter.House.Tests;

public sealed class TidyTests
{
    private const int MedianFileLinesMax = 80;

    private static readonly Lazy<List<SourceFile>> Files =
        new(() => [.. Repository.CSharpFiles.Select(path => new SourceFile(path, Repository.Read(path)))]);

    public static TheoryData<string, string, string> Examples { get; } = new()
    {
        { "file-length", "src/A/A.cs", "class A\n{\n" + string.Concat(Enumerable.Repeat("\n", 500)) + "}\n" },
        { "method-length", "src/A/A.cs", "class A\n{\n    void M()\n    {\n" + string.Concat(Enumerable.Repeat("        N();\n", 70)) + "    }\n}\n" },
        { "columns", "src/A/A.cs", "class A { } // " + new string('x', 150) + "\n" },
        { "clock", "src/A/A.cs", "class A { object a = System.DateTime.Now; }" },
        { "clock", "src/A/A.cs", "class A { object a = DateTimeOffset.UtcNow; }" },
        { "delay", "src/A/A.cs", "class A { Task M() => Task.Delay(1, cancellation); }" },
        { "sleep", "tests/A/A.cs", "class A { void M() => Thread.Sleep(1); }" },
        { "shared-random", "src/A/A.cs", "class A { int a = Random.Shared.Next(); }" },
        { "wire-path", "src/Pewter.NineP/A.cs", "class A { string a = Path.Combine(b, c); }" },
        { "catch-all", "src/A/A.cs", "class A { void M() { try { } catch (Exception e) { } } }" },
        { "catch-all", "apps/a/A.cs", "class A { void M() { try { } catch { } } }" },
        { "directive", "src/A/A.cs", "#region x\nclass A { }\n#endregion\n" },
        { "directive", "src/A/A.cs", "#pragma warning disable CA1000\nclass A { }\n" },
        { "unfinished", "src/A/A.cs", "// TODO: write it\nclass A { }" },
        { "unfinished", "src/A/A.cs", "/// <summary>FIXME</summary>\nclass A { }" },
        { "type-per-file", "src/A/B.cs", "class A { }" },
        { "type-per-file", "src/A/A.cs", "namespace A;\n" },
        { "type-per-file", "src/A/A.cs", "class A { }\nclass B { }\n" + string.Concat(Enumerable.Repeat("\n", 300)) },
        { "vague-name", "src/A/TreeHelpers.cs", "class TreeHelpers { }" },
        { "vague-name", "src/A/NodeManager.cs", "class NodeManager { }" },
        { "vague-name", "src/Common/A.cs", "class A { }" },
        { "native-call", "src/Pewter.Tree/A.cs", "partial class A { [LibraryImport(\"libc\")] static partial int M(); }" },
    };

    [Fact]
    public void The_source_is_tidy()
    {
        var violations = Files.Value.SelectMany(TidyRules.Check).ToList();
        var ratchet = Ratchet.Parse(Repository.Read(RatchetPath()));
        if (Environment.GetEnvironmentVariable("PEWTER_RATCHET") == "write")
        {
            File.WriteAllText(Path.Combine(Repository.Root, RatchetPath()), ratchet.Write(violations));
            return;
        }

        var judged = ratchet.Judge(violations).ToList();
        Assert.True(judged.Count == 0, string.Join('\n', judged));
    }

    [Fact]
    public void The_median_file_is_short()
    {
        var lengths = Files.Value.Where(file => file.IsProduct).Select(file => file.Text.Lines.Count - 1).Order().ToList();
        Assert.InRange(lengths[lengths.Count / 2], 1, MedianFileLinesMax);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Each_rule_finds_what_breaks_it(string rule, string path, string text) =>
        Assert.Contains(TidyRules.Check(new SourceFile(path, text)), violation => violation.Rule == rule);

    [Fact]
    public void Each_rule_has_an_example() =>
        Assert.Equal(TidyRules.All.Keys.Order(), Examples.Select(example => example.Data.Item1).Distinct().Order());

    [Theory]
    [InlineData("src/A/A.cs", "class A { Task M() => Task.Delay(wait, _time, cancellation); }")]
    [InlineData("src/A/A.cs", "class A { void M() { try { } catch (Exception e) when (e is IOException) { } } }")]
    [InlineData("src/A/A.Part.cs", "partial class A { }")]
    [InlineData("src/A/A.cs", "record A(int X);\nrecord B(int X);\n")]
    [InlineData("src/A/Messages.cs", "record struct A(int X);\nenum B { C }\n")]
    [InlineData("src/A/A.cs", "class A { void M() { try { } catch { Undo(); throw; } } }")]
    [InlineData("src/A/Managerial.cs", "class Managerial { }")]
    [InlineData("src/Pewter.Linux/A.cs", "partial class A { [LibraryImport(\"libc\")] static partial int M(); }")]
    [InlineData("apps/a/Program.cs", "return 0;")]
    [InlineData("tests/A/A.cs", "class A { Task M() => Task.Delay(1); }")]
    public void Tidy_source_breaks_no_rule(string path, string text) => Assert.Empty(TidyRules.Check(new SourceFile(path, text)));

    [Fact]
    public void The_ratchet_refuses_one_more_and_asks_to_be_tightened_after_one_less()
    {
        var ratchet = Ratchet.Parse("sleep src/A.cs 1 because\n");
        var one = new Violation("sleep", "src/A.cs", 1, "x");
        Assert.Empty(ratchet.Judge([one]));
        Assert.Equal(2, ratchet.Judge([one, one with { Line = 2 }]).Count());
        Assert.Contains("tighten", Assert.Single(ratchet.Judge([])), StringComparison.Ordinal);
    }

    private static string RatchetPath() => Repository.Files.Single(file => file.EndsWith("Pewter.House.Tests/ratchet.txt", StringComparison.Ordinal));
}
