using Pewter.Linux.Processes;
using Pewter.Node.Processes;

namespace Pewter.Apps.Node;

/// <summary>
/// What process 1 owes the processes whose parents have died: to wait for them. Sessions' own processes are left to their supervisor.
/// </summary>
internal sealed class Reaper : IAsyncDisposable
{
    // Zombies hold nothing but a number; a second of them does no harm, and looking costs one system call.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ITimer _timer;

    // Seen at the last look. Only what is there twice is reaped: a program that has just been started is not yet its session's.
    private HashSet<(int, long)> _seen = [];

    internal Reaper(ProcessSupervisor supervisor, TimeProvider time) =>
        _timer = time.CreateTimer(_ => Reap(supervisor), null, Interval, Interval);

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Reap(ProcessSupervisor supervisor)
    {
        var before = _seen;
        _seen = [];
        if (ProcessWait.PeekAny() is null)
        {
            return;
        }

        var ours = supervisor.Sessions.Select(session => session.Process?.Id ?? 0).ToHashSet();
        var self = Environment.ProcessId;
        foreach (var stat in ProcessStat.ReadAll().Where(stat => stat.State == 'Z' && stat.Parent == self && !ours.Contains(stat.Id)))
        {
            if (before.Contains((stat.Id, stat.StartTicks)))
            {
                ProcessWait.TryWaitFor(stat.Id);
            }
            else
            {
                _seen.Add((stat.Id, stat.StartTicks));
            }
        }
    }
}
