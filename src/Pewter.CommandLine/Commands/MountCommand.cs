using System.CommandLine;
using System.Globalization;
using Pewter.Fuse;
using Pewter.Linux.Fuse;
using Pewter.Linux.Mounts;
using Pewter.NineP.Serving;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter mount DIR</c>: the tree as a directory of this machine, until interrupted or unmounted.</summary>
internal sealed class MountCommand : PewterCommand
{
    private readonly Argument<string> _directory = new("DIR") { Description = "An existing directory" };
    private readonly Option<bool> _others = new("--allow-others")
    {
        Description = "Let other users in, each with their own rights in the tree",
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

        var connection = await context.ConnectionAsync();
        var root = context.Value(_others) ? connection.EachUser ?? throw OnlyYours(context) : connection.Root;
        if (context.Value(_dryRun))
        {
            context.Say($"would mount {context.Endpoint} on {directory}");
            return ExitCode.Ok;
        }

        if (context.Value(_detach))
        {
            return await DetachAsync(context, directory);
        }

        await using var mount = await FuseMount.MountAsync(directory, root, new FuseMountOptions
        {
            CallerOf = context.Value(_others) ? UserOf : (_, _) => connection.Caller,
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

    private static CommandException OnlyYours(CommandContext context) => new(
        $"--allow-others needs root and the daemon's own socket, which tells the users apart; {context.Endpoint} would let them in as you.");

    /// <summary>A local user as the kernel numbers them; the daemon knows the names and the groups.</summary>
    private static Caller UserOf(uint uid, uint gid) =>
        new() { User = uid.ToString(CultureInfo.InvariantCulture), Uid = uid, Gid = gid, IsAdmin = uid == 0 };

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
