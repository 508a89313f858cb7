using System.CommandLine;
using Pewter.Fuse;
using Pewter.Linux;
using Pewter.Linux.Mounts;

namespace Pewter.CommandLine.Commands;

/// <summary>
/// <c>pewter clean</c>: removes what a dead daemon left in the kernel, and lists what is left after that. The daemon's program does it, because it
/// knows how each resource is undone; it refuses while a daemon runs.
/// </summary>
internal sealed class CleanCommand : PewterCommand
{
    private readonly Option<bool> _dryRun = TreeArguments.DryRun();

    public CleanCommand(CommandHost host)
        : base(host, "clean", "Remove what a dead daemon left, and prove it") => Add(_dryRun);

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var mountsFailed = CleanMounts(context);
        var program = DaemonProgram.Find(context.Host);
        List<string> arguments = ["clean", "--state", context.Paths.State, "--output", context.Output.Format.ToString().ToLowerInvariant()];
        if (context.Value(_dryRun))
        {
            arguments.Add("--dry-run");
        }

        var code = await context.Host.Programs.RunAsync(program, arguments, context.Cancellation);
        return code != 0 ? code : mountsFailed ? ExitCode.Failed : ExitCode.Ok;
    }

    /// <summary>Mounts whose server was killed hang every program that looks at them.</summary>
    private bool CleanMounts(CommandContext context)
    {
        var isFailed = false;
        foreach (var mount in FuseMount.LeftOvers())
        {
            if (context.Value(_dryRun))
            {
                context.Say($"would unmount {mount}");
                continue;
            }

            try
            {
                KernelMounts.Unmount(mount, detach: true);
                context.Say($"unmounted {mount}");
            }
            catch (LinuxException exception)
            {
                context.Complain(exception.Message);
                isFailed = true;
            }
        }

        return isFailed;
    }
}
