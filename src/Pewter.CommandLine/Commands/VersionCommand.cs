using System.CommandLine;
using System.Reflection;
using Pewter.CommandLine.Output;
using Pewter.NineP;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter version</c>: of this program and of the daemon, if one answers.</summary>
internal sealed class VersionCommand : PewterCommand
{
    private static readonly Table<Versions> Table = new Table<Versions>(versions => versions.Client)
        .Text("pewter", versions => versions.Client)
        .Text("pewterd", versions => versions.Daemon ?? "not running");

    private readonly Option<bool> _client = new("--client") { Description = "Only of this program" };

    public VersionCommand(CommandHost host)
        : base(host, "version", "Show the versions of the program and the daemon") => Add(_client);

    private static string OfThisProgram =>
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        await context.Output.OneAsync(Table, new Versions(OfThisProgram, await DaemonAsync(context)), context.Cancellation);
        return ExitCode.Ok;
    }

    private async ValueTask<string?> DaemonAsync(CommandContext context)
    {
        if (context.Value(_client))
        {
            return null;
        }

        try
        {
            var tree = await context.ConnectAsync();
            return (await tree.ReadTextAsync("/version", context.Cancellation)).Trim();
        }
        catch (Exception exception) when (exception is CommandException or FileException)
        {
            // That none answers is an answer.
            return null;
        }
    }

    private sealed record Versions(string Client, string? Daemon);
}
