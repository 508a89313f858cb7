using Pewter.NineP;
using Pewter.Sdk.Piping;

namespace Pewter.Sdk.Tests.Piping;

public sealed class PipelineParserTests
{
    [Theory]
    [InlineData("ls", "ls")]
    [InlineData("ls | wc -l", "ls [OneToOne] wc -l")]
    [InlineData("ls |< cat | sort -n -r |#| uniq >| sort -n -r | more", "ls [FanOut] cat [OneToOne] sort -n -r [Hash] uniq [FanIn] sort -n -r [OneToOne] more")]
    [InlineData("a |<8 b >|c", "a [FanOut 8] b [FanIn] c")]
    [InlineData("a |#4| b |#key=2| c |#3 key=1| d", "a [Hash 4] b [Hash key 2] c [Hash 3 key 1] d")]
    [InlineData("grep 'a|b' | sed \"s/|/>|/\" | cat \\| x", "grep 'a|b' [OneToOne] sed \"s/|/>|/\" [OneToOne] cat \\| x")]
    [InlineData("test -f x || echo no | cat", "test -f x || echo no [OneToOne] cat")]
    [InlineData("echo $((1 > 2)) < f > g | cat", "echo $((1 > 2)) < f > g [OneToOne] cat")]
    public void A_line_is_taken_apart_at_its_pipes(string line, string expected) =>
        Assert.Equal(expected, string.Join(' ', PipelineParser.Parse(line).Select(Show)));

    [Theory]
    [InlineData("", "missing")]
    [InlineData("| a", "missing")]
    [InlineData("a |", "missing")]
    [InlineData("a |< | b", "missing")]
    [InlineData("a 'b", "not closed")]
    [InlineData("a |# b", "another '|'")]
    [InlineData("a |#key=x| b", "key=N")]
    [InlineData("a |#0| b", "key=N")]
    [InlineData("a |<0 b", "at least one")]
    [InlineData("a |<99999999999999999999 b", "at least one")]
    public void What_is_no_pipeline_is_refused_with_the_place(string line, string sentence)
    {
        var wrong = Assert.Throws<FileException>(() => PipelineParser.Parse(line));
        Assert.Equal(Errno.EINVAL, wrong.Errno);
        Assert.Contains(sentence, wrong.Message);
        Assert.Contains("column", wrong.Message);
    }

    [Fact]
    public void Any_text_is_parsed_or_refused()
    {
        const string Alphabet = "ab |<>#'\"\\4key=$(\n";
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var line = string.Concat(Enumerable.Range(0, random.Next(24)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            try
            {
                Assert.All(PipelineParser.Parse(line), stage => Assert.NotEmpty(stage.Text));
            }
            catch (FileException refused)
            {
                Assert.Equal(Errno.EINVAL, refused.Errno);
            }
        }
    }

    private static string Show(PipelineStage stage) => stage.Input is not { } input ? stage.Text
        : $"[{input.Kind}{(input.Degree is { } degree ? $" {degree}" : "")}{(input.KeyField is { } key ? $" key {key}" : "")}] {stage.Text}";
}
