using System.CommandLine;
using Pewter.Configuration;
using Pewter.NineP;

namespace Pewter.CommandLine;

/// <summary>
/// A command: one class, one file. It adds its arguments and options in its constructor and does its work in <see cref="RunAsync"/>; errors,
/// timeouts and Ctrl-C become messages and exit codes here, once.
/// </summary>
internal abstract class PewterCommand : Command
{
    private readonly CommandHost _host;

    /// <summary>Creates the command.</summary>
    protected PewterCommand(CommandHost host, string name, string description)
        : base(name, description)
    {
        _host = host;
        SetAction(InvokeAsync);
    }

    /// <summary>Whether words that begin with '-' may be meant for another program, whose command line this command takes.</summary>
    public virtual bool TakesForeignOptions => false;

    /// <summary>Whether its first plain word begins the command line of another program, so that what follows is all that program's.</summary>
    public virtual bool RunsForeignProgram => false;

    /// <summary>Whether it handles the signals of this program itself, Ctrl-C included.</summary>
    public virtual bool ForwardsSignals => false;

    /// <summary>Adds the flags of this command that stand for settings.</summary>
    protected virtual void AddFlags(SettingsLoader loader, ParseResult parsed)
    {
    }

    /// <summary>Does the work; returns the exit code.</summary>
    protected abstract ValueTask<int> RunAsync(CommandContext context);

    private async Task<int> InvokeAsync(ParseResult parsed, CancellationToken interrupted)
    {
        var timeout = Timeout.InfiniteTimeSpan;
        if (parsed.GetValue(GlobalOptions.Timeout) is { } text && !Duration.TryParse(text, out timeout))
        {
            return Fail($"--timeout takes a length of time such as 30s or 5m, not '{text}'.", ExitCode.Usage);
        }

        using var timer = new CancellationTokenSource(timeout, _host.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(interrupted, timer.Token);
        try
        {
            await using var context = new CommandContext(_host, parsed, loader => AddFlags(loader, parsed), either.Token);
            return await RunAsync(context);
        }
        catch (CommandException exception)
        {
            return Fail(exception.Message, exception.ExitCode);
        }
        catch (ConfigurationException exception)
        {
            return Fail("the configuration is wrong:\n" + exception.Message, ExitCode.Usage);
        }
        catch (FileException exception)
        {
            return Fail($"{exception.Message} ({exception.Errno})", ExitCode.Failed);
        }
        catch (IOException exception) when (IsReaderGone(exception))
        {
            // As every filter does: 'pewter events | head -1' ends quietly.
            return ExitCode.Ok;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Fail(exception.Message, ExitCode.Failed);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return interrupted.IsCancellationRequested
                ? ExitCode.Interrupted
                : Fail($"not done within {Duration.Format(timeout)}.", ExitCode.TimedOut);
        }
    }

    private int Fail(string message, int exitCode)
    {
        _host.Messages.WriteLine("pewter: " + message);
        return exitCode;
    }

    internal static bool IsReaderGone(IOException exception)
    {
        const int BrokenPipe = 32;
        return exception.HResult == BrokenPipe || exception.Message.Contains("Broken pipe", StringComparison.Ordinal);
    }
}
