using System.Globalization;
using Pewter.NineP;
using Pewter.Sdk;

namespace Pewter.CommandLine.Running;

/// <summary>
/// Sits at a process that has a terminal of its own, with the terminal here: keys go there as they are, Ctrl-C among them, its screen is
/// shown here, and a
/// change of the window's size is told. The terminal here is as before when this ends, however it does.
/// </summary>
internal sealed class TerminalRunner(CommandContext context, SessionRunner runner)
{
    private const int PieceBytes = 64 << 10;

    /// <summary>Variables and size that a program at a terminal expects.</summary>
    public static Dictionary<string, string> Variables(CommandContext context, IReadOnlyDictionary<string, string> asked)
    {
        var variables = new Dictionary<string, string>(asked, StringComparer.Ordinal);
        variables.TryAdd("TERM", context.Host.Variable("TERM") ?? "dumb");
        return variables;
    }

    /// <summary>The line of a session's ctl that tells the size of the terminal here.</summary>
    public static string WindowLine(CommandContext context)
    {
        var (rows, columns) = context.Host.Terminal?.Size ?? (24, 80);
        return string.Create(CultureInfo.InvariantCulture, $"window {rows} {columns}");
    }

    /// <summary>Whether a process has a terminal; it is told the size of the one here.</summary>
    public static async ValueTask<bool> TryResizeAsync(CommandContext context, Process process)
    {
        try
        {
            await process.TellAsync(WindowLine(context).Split(' '), context.Cancellation);
            return true;
        }
        catch (FileException none) when (none.Errno is Errno.ENOTTY or Errno.ESRCH)
        {
            return false;
        }
    }

    /// <summary>Runs at the process until it is over, or until <c>~.</c> is typed.</summary>
    /// <param name="process">It.</param>
    /// <param name="isOurs">Whether it is ended when this is left; otherwise it goes on.</param>
    public async ValueTask<int> RunAsync(Process process, bool isOurs)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        try
        {
            var exit = await SitAsync(process, left);
            runner.Explain("", exit);
            return exit.ShellCode;
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            if (isOurs)
            {
                await runner.EndAsync(process);
            }

            if (gone is IOException || context.Cancellation.IsCancellationRequested)
            {
                throw;
            }

            context.Say(isOurs ? "ended" : $"left; 'pewter attach {process.Id}' comes back");
            return isOurs ? ExitCode.Interrupted : ExitCode.Ok;
        }
    }

    private async ValueTask<ExitResult> SitAsync(Process process, CancellationTokenSource left)
    {
        // Signals first: one that came between would end this program and leave the terminal raw.
        await using var signals = new SignalForwarder(context, process, () => TryResizeAsync(context, process).AsTask());
        using var raw = context.Host.Terminal?.MakeRaw();
        await TryResizeAsync(context, process);
        using var typingEnds = CancellationTokenSource.CreateLinkedTokenSource(left.Token);
        var typing = TypeAsync(process, left, typingEnds.Token);
        try
        {
            await using var screen = await process.OpenOutputAsync(left.Token);
            var buffer = new byte[PieceBytes];
            while (await screen.ReadAsync(buffer, left.Token) is > 0 and var count)
            {
                await context.Output.BytesAsync(buffer.AsMemory(0, count), left.Token);
            }

            return await process.WaitAsync(left.Token);
        }
        finally
        {
            await typingEnds.CancelAsync();
            await typing;
        }
    }

    private async Task TypeAsync(Process process, CancellationTokenSource left, CancellationToken ends)
    {
        var keys = context.Host.Terminal is null ? null : new EscapeKeys();
        try
        {
            await using var input = await process.OpenInputAsync(ends);
            var buffer = new byte[PieceBytes];
            while (await context.Host.Input.ReadAsync(buffer, ends) is > 0 and var count)
            {
                var passed = new List<byte>(count);
                if (keys?.Pass(buffer.AsSpan(0, count), passed) == false)
                {
                    await left.CancelAsync();
                    return;
                }

                await input.WriteAsync(keys is null ? buffer.AsMemory(0, count) : passed.ToArray(), ends);
            }
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // It is over, or was left.
        }
        catch (FileException)
        {
            // It reads no more; how it ended is told by its exit.
        }
    }
}
