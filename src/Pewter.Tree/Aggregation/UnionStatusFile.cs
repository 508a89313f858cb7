using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// The status lines of all members, as they come in. A member that is late by the deadline has told what it has told, and one line
/// says that it is not
/// all.
/// </summary>
/// <param name="members">The members of the moment, each with a file <c>status</c>.</param>
/// <param name="options">How long to wait for them.</param>
/// <param name="time">The clock.</param>
public sealed class UnionStatusFile(Func<IReadOnlyList<UnionMember>> members, UnionOptions options, TimeProvider time)
    : TreeFile(QidType.File, UnixMode.Octal(444))
{
    /// <inheritdoc/>
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new GatherOpen(this, (add, closed) => Task.WhenAll(members().Select(member => ReadAsync(member, add, caller, closed)))));

    private async Task ReadAsync(UnionMember member, Action<string> add, Caller caller, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var text = new StringBuilder();
        var outcome = await FanOut.OneAsync(
            member,
            async (_, stop) =>
            {
                await using var status = await member.OpenAsync("status", OpenFlags.ReadOnly, caller, stop);
                while (await status.ReadLineAsync(stop) is { } line)
                {
                    lock (text)
                    {
                        text.Append(MemberText.Status(member, line, time.GetElapsedTime(began))).Append('\n');
                    }
                }

                return true;
            },
            options.DeadlineOf(member),
            time,
            cancellation);

        // A late one may still be writing, so what it has said is taken under the lock.
        lock (text)
        {
            if (outcome.Failure is { } failure && failure.Errno != Errno.ENOENT)
            {
                text.Append(MemberText.Failed(member, failure)).Append('\n');
            }

            add(text.ToString());
        }
    }
}
