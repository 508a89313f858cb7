namespace Pewter.House.Tests;

public sealed class ArchitectureTests
{
    private const string Table = """
        | layer | project | is | may reference |
        | --- | --- | --- | --- |
        | 0 | `Pewter.Low` | x | – |
        | 1 | `Pewter.Middle` | x | Low |
        | 1 | `Pewter.Equal` | x | Middle |
        """;

    private static readonly string Markdown = Repository.Read("ARCHITECTURE.md");

    [Fact]
    public void Every_project_keeps_to_the_table_of_layers()
    {
        var violations = LayerTable.Parse(Markdown).Violations(ProjectFile.All).ToList();
        Assert.True(violations.Count == 0, string.Join('\n', violations));
    }

    [Fact]
    public void The_table_of_layers_is_read() => Assert.Contains("Pewter.NineP", LayerTable.Parse(Markdown).Projects);

    [Theory]
    [InlineData("src/Pewter.Low", "Pewter.Middle", "does not allow")]
    [InlineData("src/Pewter.Equal", "Pewter.Middle", "not of a lower layer")]
    [InlineData("src/Pewter.New", "Pewter.Low", "has no row")]
    [InlineData("apps/pewter", "Pewter.Nowhere", "no library")]
    public void A_reference_that_breaks_the_table_is_found(string project, string reference, string sentence)
    {
        var violations = LayerTable.Parse(Table).Violations([Project(project, reference)]);
        Assert.Contains(violations, violation => violation.Contains(sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void A_row_without_a_project_is_found() =>
        Assert.Contains(LayerTable.Parse(Table).Violations([]), violation => violation.Contains("does not exist", StringComparison.Ordinal));

    [Fact]
    public void References_that_keep_to_the_table_are_no_violation() => Assert.Empty(LayerTable.Parse(Table).Violations(
        [Project("src/Pewter.Low"), Project("src/Pewter.Middle", "Pewter.Low"), Project("src/Pewter.Equal"), Project("apps/pewter", "Pewter.Equal")]));

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Read("Pewter.slnx");
        Assert.Empty(ProjectFile.All.Where(project => !solution.Contains($"\"{project.Path}\"", StringComparison.Ordinal)).Select(project => project.Path));
    }

    [Fact]
    public void Package_versions_stand_only_in_the_central_file() => Assert.DoesNotContain(
        ProjectFile.All, project => Repository.Read(project.Path).Contains("Version=\"", StringComparison.Ordinal));

    private static ProjectFile Project(string path, params string[] references)
    {
        var includes = string.Concat(references.Select(reference => $"<ProjectReference Include=\"../{reference}/{reference}.csproj\" />"));
        return ProjectFile.Parse($"{path}/{path.Split('/')[1]}.csproj", $"<Project><ItemGroup>{includes}</ItemGroup></Project>");
    }
}
