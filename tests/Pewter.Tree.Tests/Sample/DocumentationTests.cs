using Pewter.Testing.Conformance;

namespace Pewter.Tree.Tests;

public sealed class DocumentationTests
{
    [Fact]
    public async Task The_example_of_the_documentation_works_and_holds_to_the_contract()
    {
        var service = new TimerService(TimeProvider.System);
        var root = new TreeDirectory().Add("timer", service.Timers);
        var tree = new TreeClient(root, Callers.Ann);

        var (id, ctl) = await tree.CloneAsync("/timer");
        await using (ctl)
        {
            await tree.CommandAsync($"/timer/{id}/ctl", ["start", "3m"]);
            var rung = tree.ReadTextAsync($"/timer/{id}/wait");
            service.Ring(service.Timers.Find(id)!.Item);
            Assert.Equal("/timer/t1 state=rung\n", await rung);
            Assert.Equal(["t1"], (await tree.ListAsync("/timer/query/length>2m/state=rung")).Where(name => name.StartsWith('t')));
            await TreeConformance.CheckAsync(root);
        }
    }

    [Fact]
    public void The_code_in_the_documentation_is_the_code_that_is_compiled()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        while (here is not null && !File.Exists(Path.Combine(here.FullName, "Pewter.slnx")))
        {
            here = here.Parent;
        }

        Assert.NotNull(here);
        var documentation = File.ReadAllText(Path.Combine(here.FullName, "docs", "tree.md"));
        var sources = Directory.EnumerateFiles(Path.Combine(here.FullName, "tests", "Pewter.Tree.Tests", "Sample"), "*.cs")
            .SelectMany(File.ReadLines).Select(line => line.Trim()).ToHashSet();
        var blocks = documentation.Split("```csharp\n").Skip(1).Select(block => block[..block.IndexOf("```", StringComparison.Ordinal)]).ToList();
        Assert.NotEmpty(blocks);
        Assert.All(blocks.SelectMany(block => block.Split('\n')).Select(line => line.Trim()).Where(line => line.Length > 0),
            line => Assert.Contains(line, sources));
    }
}
