using System.Text;
using Pewter.CommandLine.Connecting;

namespace Pewter.CommandLine;

/// <summary>The real surroundings of the program.</summary>
public static class SystemHost
{
    private const int StandardInput = 0;
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    /// <summary>Runs a command line of this process; returns the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        // Plain streams on the descriptors: the console's own swallow a closed pipe, and its set-up costs milliseconds.
        await using var output = new DescriptorStream(StandardOutput, FileAccess.Write);
        await using var errors = new DescriptorStream(StandardError, FileAccess.Write);
        await using var messages = new StreamWriter(errors, new UTF8Encoding(false)) { AutoFlush = true };
        await using var input = new DescriptorStream(StandardInput, FileAccess.Read);
        var host = new CommandHost
        {
            Output = output,
            Messages = messages,
            Input = input,
            Errors = errors,
            Signals = new SystemSignals(),
            Terminal = Console.IsInputRedirected ? null : new SystemTerminal(StandardInput),
            Variable = Environment.GetEnvironmentVariable,
            Connector = new NineConnector(),
            Programs = new SystemPrograms(),
            OutputIsTerminal = !Console.IsOutputRedirected,
            MessagesAreTerminal = !Console.IsErrorRedirected,
            IsRoot = Environment.IsPrivilegedProcess,
            Width = () => Console.WindowWidth,
        };
        return await PewterCommandLine.RunAsync(host, arguments, CancellationToken.None);
    }
}
