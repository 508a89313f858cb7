using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// The events of all members as they come, each with the name of its peer. A lost member is told in an event, and its events go on
/// where they stopped
/// when it is back.
/// </summary>
internal sealed class UnionEventsFile(Func<IReadOnlyList<UnionMember>> members, UnionOptions options, TimeProvider time)
    : TreeFile(QidType.File, UnixMode.Octal(666))
{
    /// <inheritdoc/>
    internal override bool WritesOnlyToFid => true;

    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        MergeOpen.StartAsync(
            this, line => EventPosition.Parse(line),
            [.. members().Select<UnionMember, Func<MergePump, Task>>(member => pump => PumpAsync(member, pump, caller))],
            options.Deadline, time, cancellation);

    private async Task PumpAsync(UnionMember member, MergePump pump, Caller caller)
    {
        // Without a number it begins with what happens now, and only after a loss with what was passed on last.
        var position = EventPosition.Parse(pump.Written ?? $"since {long.MaxValue}");
        while (true)
        {
            try
            {
                await FollowAsync(member, position, pump, caller);
                return;
            }
            catch (FileException failure) when (failure.Errno == Errno.ENOENT)
            {
                return;
            }
            catch (FileException failure)
            {
                await pump.Add(Lost(member, failure));
                await Task.Delay(options.RetryDelay, time, pump.Stop);
            }
        }
    }

    private static async Task FollowAsync(UnionMember member, EventPosition position, MergePump pump, Caller caller)
    {
        var cancellation = pump.Stop;
        await using var events = await member.OpenAsync("events", OpenFlags.ReadWrite, caller, cancellation);
        if (position.For(member) is { } since)
        {
            await events.WriteTextAsync(since, cancellation);
        }

        pump.Subscribed();
        while (await events.ReadLineAsync(cancellation) is { } line)
        {
            if (MemberText.JsonLine(member, line) is { } mapped)
            {
                await pump.Add(mapped);
                position.Passed(mapped);
            }
        }
    }

    private static string Lost(UnionMember member, FileException failure) => Encoding.UTF8.GetString(JsonText.Line(json =>
    {
        json.WriteStartObject();
        json.WriteString("event", "peer_lost");
        json.WriteString("path", member.Prefix);
        json.WriteString("error", failure.Message);
        json.WriteEndObject();
    }).Span).TrimEnd('\n');
}
