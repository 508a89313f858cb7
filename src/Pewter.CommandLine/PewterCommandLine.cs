using System.CommandLine;
using System.CommandLine.Help;
using Pewter.CommandLine.Commands;
using Pewter.CommandLine.Mail;
using Pewter.CommandLine.Storage;

namespace Pewter.CommandLine;

/// <summary>All commands of <c>pewter</c>. A new one is a class of its own and a line here.</summary>
public static class PewterCommandLine
{
    /// <summary>Runs a command line.</summary>
    /// <param name="host">What surrounds it.</param>
    /// <param name="arguments">The words after <c>pewter</c>.</param>
    /// <param name="cancellation">Ends the command, as Ctrl-C does.</param>
    /// <returns>The exit code; see <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(CommandHost host, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(host);
        var root = Build(host);
        var parsed = root.Parse(arguments.Count == 0 ? ["--help"] : ForeignWords.Separate(root, arguments));
        if (parsed.Action is not HelpAction && UsageError.Find(root, parsed) is { } problem)
        {
            host.Messages.WriteLine("pewter: " + problem);
            return ExitCode.Usage;
        }

        // Help, which is all that does not come from a command itself.
        await using var text = new StringWriter();
        var configuration = new InvocationConfiguration { Output = text, Error = host.Messages, EnableDefaultExceptionHandler = false };
        if (parsed.CommandResult.Command is PewterCommand { ForwardsSignals: true })
        {
            // Null leaves signals alone: the command takes them.
            configuration.ProcessTerminationTimeout = null;
        }

        var code = await parsed.InvokeAsync(configuration, cancellation);
        try
        {
            // Also when the command was interrupted: what there is to say has been made.
            await host.Output.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text.ToString()), CancellationToken.None);
        }
        catch (IOException gone) when (PewterCommand.IsReaderGone(gone))
        {
            // Whoever read the help has seen enough of it.
        }

        return code;
    }

    internal static RootCommand Build(CommandHost host)
    {
        var root = new RootCommand("A datacentre you can ls: machines, networks, images, processes and mail in one tree of files.");
        foreach (var option in GlobalOptions.All)
        {
            root.Add(option);
        }

        foreach (var command in Commands(host))
        {
            root.Add(command);
        }

        return root;
    }

    private static IEnumerable<Command> Commands(CommandHost host) =>
    [
        new ListCommand(host),
        new CatCommand(host),
        new WriteCommand(host),
        new TailCommand(host),
        new TreeCommand(host),
        new StatCommand(host),
        new StatusCommand(host),
        new EventsCommand(host),
        new NodeCommand(host),
        new ImageCommand(host),
        new DiskCommand(host),
        new NetworkCommand(host),
        new MailCommand(host),
        new NameCommand(host),
        new SwitchCommand(host),
        new KittyhawkCommand(host),
        new RunCommand(host),
        new PushCommand(host),
        new ShellCommand(host),
        new SpawnCommand(host),
        new ProcessesCommand(host),
        new TopCommand(host),
        new WaitCommand(host),
        new KillCommand(host),
        new AttachCommand(host),
        new LogsCommand(host),
        new DemoCommand(host),
        new DemoWorkerCommand(host),
        new UpCommand(host),
        new DownCommand(host),
        new CleanCommand(host),
        new MountCommand(host),
        new DoctorCommand(host),
        new TokenCommand(host),
        new AuthorityCommand(host),
        new VersionCommand(host),
        new CompletionCommand(host),
        new CompleteCommand(host, () => Build(host)),
    ];
}
