using System.Globalization;
using System.Text;
using Pewter.Sdk;
using Pewter.Sdk.Piping;

namespace Pewter.CommandLine.Running;

/// <summary>What the stages of a pipeline complain of, with the name of the stage.</summary>
internal static class StageErrors
{
    private const int BrokenPipe = 141;

    /// <summary>Prints each line of an instance's errors behind its stage, until it is over.</summary>
    public static async Task CopyAsync(CommandContext context, PlannedStage stage, int instance, Process process, CancellationToken cancellation)
    {
        var errors = new ErrorOutput(context.Host);
        var label = stage.Degree > 1
            ? string.Create(CultureInfo.InvariantCulture, $"stage {stage.Number}.{instance}: ")
            : string.Create(CultureInfo.InvariantCulture, $"stage {stage.Number}: ");
        await using var stream = await process.OpenErrorsAsync(cancellation);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            await errors.WriteAsync(Encoding.UTF8.GetBytes($"{context.MessageStyle.Strong(label)}{line}\n"), cancellation);
        }
    }

    /// <summary>Names a stage of which something failed. That nobody read its output any more is no failure.</summary>
    public static void Explain(CommandContext context, PlannedStage stage, IReadOnlyList<Process> processes, IReadOnlyList<ExitResult> exits)
    {
        var failed = Enumerable.Range(0, exits.Count).Where(i => exits[i].ShellCode is not (0 or BrokenPipe));
        foreach (var same in failed.GroupBy(i => exits[i].ToString()))
        {
            var who = stage.Degree > 1 ? string.Create(CultureInfo.InvariantCulture, $", {same.Count()} of {stage.Degree}") : "";
            var ids = string.Join(' ', same.Select(i => processes[i].Id));
            context.Complain(string.Create(CultureInfo.InvariantCulture, $"stage {stage.Number} '{stage.Text}'{who} (process {ids}): {same.Key}"));
        }
    }
}
