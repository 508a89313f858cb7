using System.CommandLine;
using System.Text;
using Pewter.CommandLine.Output;
using Pewter.Configuration;

namespace Pewter.CommandLine;

/// <summary>
/// Repeats what a command prints: on a terminal the screen is drawn anew, elsewhere it is printed again whenever it differs from the last time.
/// </summary>
internal sealed class WatchLoop
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(2);
    private const string ClearScreen = "\e[H\e[2J\e[3J";

    /// <summary>The option that such a command has.</summary>
    public Option<string?> Option { get; } = new("--watch", "-w")
    {
        Description = "Print again whenever it changes, looking every TIME (2s)", HelpName = "TIME", Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Prints once, or with <c>--watch</c> until interrupted.</summary>
    public async ValueTask<int> RunAsync(CommandContext context, Func<OutputWriter, ValueTask<int>> print)
    {
        if (!context.Has(Option))
        {
            return await print(context.Output);
        }

        var interval = DefaultInterval;
        if (context.Value(Option) is { } text && (!Duration.TryParse(text, out interval) || interval < TimeSpan.FromMilliseconds(10)))
        {
            throw new CommandException($"--watch takes a length of time such as 500ms or 2s, not '{text}'.", ExitCode.Usage);
        }

        byte[] last = [];
        while (true)
        {
            using var page = new MemoryStream();
            await print(new OutputWriter(page, context.Output.Format, context.Style));
            var now = page.ToArray();
            if (!now.AsSpan().SequenceEqual(last))
            {
                var shown = context.Host.OutputIsTerminal ? [.. Encoding.UTF8.GetBytes(ClearScreen), .. now] : now;
                await context.Output.BytesAsync(shown, context.Cancellation);
                last = now;
            }

            await Task.Delay(interval, context.Host.Time, context.Cancellation);
        }
    }
}
