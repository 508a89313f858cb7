using Pewter.CommandLine.Diagnosis;
using Pewter.CommandLine.Output;
using Pewter.NineP;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter doctor</c>: what works on this machine, what does not, and the command that mends it.</summary>
internal sealed class DoctorCommand : PewterCommand
{
    public DoctorCommand(CommandHost host)
        : base(host, "doctor", "Say what works on this machine, what does not, and how to mend it")
    {
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        List<Finding> findings = [.. KernelProbe.All(context.Host), .. PlaceProbe.All(context.Paths)];
        if (context.Host.MessagesAreTerminal)
        {
            context.Say("starting a virtual machine to see whether one runs…");
        }

        findings.AddRange(await MachineProbe.AllAsync(context.Host, context.Cancellation));
        findings.Add(await DaemonAsync(context));
        await context.Output.ListAsync(TableFor(context.Style), findings, context.Cancellation);
        return findings.Any(finding => finding.Verdict == Verdict.Broken) ? ExitCode.Failed : ExitCode.Ok;
    }

    private static Table<Finding> TableFor(TextStyle style) => new Table<Finding>(finding => finding.Name)
        .Column(
            "verdict",
            finding => Colour(style, finding.Verdict),
            (json, finding) => json.WriteStringValue(finding.Verdict.ToString().ToLowerInvariant()))
        .Text("name", finding => finding.Name)
        .Text("detail", finding => finding.Detail)
        .Text("mend", finding => finding.Mend);

    private static string Colour(TextStyle style, Verdict verdict) => verdict switch
    {
        Verdict.Ok => style.Good("ok"),
        Verdict.Limited => style.Doubtful("limited"),
        _ => style.Bad("broken"),
    };

    private static async ValueTask<Finding> DaemonAsync(CommandContext context)
    {
        try
        {
            var tree = await context.ConnectAsync();
            return Finding.Works("daemon", $"{(await tree.ReadTextAsync("/version", context.Cancellation)).Trim()} at {context.Endpoint}");
        }
        catch (Exception exception) when (exception is CommandException or FileException)
        {
            return Finding.Lacks("daemon", exception.Message, "pewter up --detach");
        }
    }
}
