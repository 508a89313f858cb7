using Pewter.NineP;
using Pewter.Sdk.Piping;

namespace Pewter.Sdk.Tests.Piping;

public sealed class PipelinePlanTests
{
    [Theory]
    [InlineData("a", "1")]
    [InlineData("a | b | c", "1 1 1")]
    [InlineData("ls |< cat | sort -n -r |#| uniq >| sort -n -r | more", "1 4 4 4 1 1")]
    [InlineData("a |<2 b |#6| c >| d", "1 2 6 1")]
    [InlineData("a |#| b", "1 4")]
    [InlineData("a >| b |<3 c", "1 1 3")]
    public void Pipes_give_stages_their_instances(string line, string degrees)
    {
        var plan = PipelinePlan.Make(line);
        Assert.Equal(degrees, string.Join(' ', plan.Stages.Select(stage => stage.Degree)));
        Assert.Equal(plan.Stages.Count - 1, plan.Edges.Count);
        for (var i = 0; i < plan.Edges.Count; i++)
        {
            Assert.Equal((plan.Stages[i].Degree, plan.Stages[i + 1].Degree), (plan.Edges[i].From, plan.Edges[i].To));
        }
    }

    [Fact]
    public void Options_name_stages_by_number()
    {
        var options = new PipelineOptions
        {
            Degree = 3,
            Degrees = new Dictionary<int, int> { [3] = 5 },
            Query = "cell",
            Queries = new Dictionary<int, string> { [2] = "gpu" },
            KeyField = 2,
        };
        var plan = PipelinePlan.Make("a |< b |#| c >| d", options);
        Assert.Equal([1, 3, 5, 1], plan.Stages.Select(stage => stage.Degree));
        Assert.Equal(["cell", "gpu", "cell", "cell"], plan.Stages.Select(stage => stage.Query));
        Assert.Equal(2, plan.Edges[1].KeyField);
    }

    [Theory]
    [InlineData("a |< b |< c", 0, "use |#|")]
    [InlineData("a | b", 7, "its pipe gives it 1")]
    [InlineData("a |< b", 1000, "1 to 256")]
    public void What_makes_no_sense_is_refused_with_its_stage(string line, int degree, string sentence)
    {
        var options = degree > 0 ? new PipelineOptions { Degrees = new Dictionary<int, int> { [2] = degree } } : new PipelineOptions();
        var wrong = Assert.Throws<FileException>(() => PipelinePlan.Make(line, options));
        Assert.Contains(sentence, wrong.Message);
        Assert.Contains("stage", wrong.Message);
    }
}
