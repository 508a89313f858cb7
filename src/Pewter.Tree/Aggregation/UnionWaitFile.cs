using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// The <c>wait</c> lines of all members as they come; the end when all have ended. A member that is lost has a line that says so.
/// </summary>
internal sealed class UnionWaitFile(Func<IReadOnlyList<UnionMember>> members, UnionOptions options, TimeProvider time)
    : TreeFile(QidType.File, UnixMode.Octal(666))
{
    /// <inheritdoc/>
    internal override bool WritesOnlyToFid => true;

    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        MergeOpen.StartAsync(
            this, _ => { }, [.. members().Select<UnionMember, Func<MergePump, Task>>(member => pump => PumpAsync(member, pump, caller))],
            options.Deadline, time, cancellation);

    private static async Task PumpAsync(UnionMember member, MergePump pump, Caller caller)
    {
        var cancellation = pump.Stop;
        try
        {
            await using var wait = await member.OpenAsync("wait", OpenFlags.ReadWrite, caller, cancellation);
            if (pump.Written is not null)
            {
                await wait.WriteTextAsync(pump.Written, cancellation);
            }

            pump.Subscribed();
            while (await wait.ReadLineAsync(cancellation) is { } line)
            {
                await pump.Add(member.Prefix + line);
            }
        }
        catch (FileException failure) when (failure.Errno != Errno.ENOENT)
        {
            await pump.Add(MemberText.Failed(member, failure));
        }
        catch (FileException)
        {
            // A member without this directory has nothing to wait for.
        }
    }
}
