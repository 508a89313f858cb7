using System.CommandLine;
using Pewter.Fuse;
using Pewter.Linux.Fuse;
using Pewter.Linux.Mounts;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter mount DIR</c>: the tree as a directory of this machine, until interrupted or unmounted.</summary>
internal sealed class MountCommand : PewterCommand
{
    private readonly Argument<string> _directory = new("DIR") { Description = "An existing directory" };
    private readonly Option<bool> _others = new("--allow-others")
    {
        Description = "Let other users in; the tree's own permissions decide what they may",
    };
    private readonly Option<bool> _readOnly = new("--read-only") { Description = "Refuse every write" };
    private readonly Option<bool> _detach = new("--detach", "-d") { Description = "Return when it is mounted, and leave it mounted" };
    private readonly Option<bool> _dryRun = TreeArguments.DryRun();

    public MountCommand(CommandHost host)
        : base(host, "mount", "Mount the tree on a directory")
    {
        Add(_directory);
        foreach (var option in (Option[])[_others, _readOnly, _detach, _dryRun])
        {
            Add(option);
        }
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var directory = Path.GetFullPath(context.Value(_directory)!);
        if (!Directory.Exists(directory))
        {
            throw new CommandException($"{directory} is no directory. 'mkdir -p {directory}' makes it.");
        }

        var tree = await context.ConnectAsync();
        if (context.Value(_dryRun))
        {
            context.Say($"would mount {context.Endpoint} on {directory}");
            return ExitCode.Ok;
        }

        if (context.Value(_detach))
        {
            return await DetachAsync(context, directory);
        }

        var caller = tree.Caller;
        await using var mount = await FuseMount.MountAsync(directory, tree.Root, new FuseMountOptions
        {
            CallerOf = (_, _) => caller,
            Device = new FuseDeviceOptions
            {
                Source = context.Endpoint.ToString(), AllowOthers = context.Value(_others), ReadOnly = context.Value(_readOnly),
            },
            OnFault = exception => context.Complain(exception.Message),
        });
        context.Say($"{context.Endpoint} is mounted on {directory}");
        try
        {
            await mount.Completion.WaitAsync(context.Cancellation);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how a mount ends.
        }

        return ExitCode.Ok;
    }

    private async ValueTask<int> DetachAsync(CommandContext context, string directory)
    {
        List<string> arguments = ["mount", directory, "--url", context.Endpoint.ToString()];
        foreach (var (option, flag) in (ReadOnlySpan<(Option<bool>, string)>)[(_others, "--allow-others"), (_readOnly, "--read-only")])
        {
            if (context.Value(option))
            {
                arguments.Add(flag);
            }
        }

        var log = Path.GetTempFileName();
        var server = context.Host.Programs.StartDetached(Environment.ProcessPath!, arguments, log);
        while (!MountPoints.IsMountedOn(directory, FuseDeviceOptions.FileSystemType))
        {
            if (server.ExitCode is not null)
            {
                throw new CommandException((await File.ReadAllTextAsync(log, context.Cancellation)).Trim());
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), context.Host.Time, context.Cancellation);
        }

        File.Delete(log);
        context.Say($"{context.Endpoint} is mounted on {directory}; 'umount {directory}' ends it");
        return ExitCode.Ok;
    }
}
