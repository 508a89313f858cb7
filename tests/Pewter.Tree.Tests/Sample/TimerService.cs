using Pewter.NineP;

namespace Pewter.Tree.Tests;

/// <summary>The example of docs/tree.md: egg timers. A timer is set, runs, and rings.</summary>
internal sealed class TimerService
{
    public sealed class EggTimer(NewObject made)
    {
        public NewObject Made => made;

        public string State { get; set; } = "idle";

        public TimeSpan Length { get; set; }
    }

    public TimerService(TimeProvider time) => Timers = new(
        new ObjectKind<EggTimer>
        {
            Prefix = "t",
            Fields = new Fields<EggTimer>().Duration("length", timer => timer.Length, indexed: true),
            States = new(timer => timer.State, ["idle", "running", "rung"], ["rung"]),
            Owner = timer => timer.Made.Owner,
            Create = (made, _) => new(new EggTimer(made)),
            IsBusy = timer => timer.State == "running",
            Commands = new CommandSet<EggTimer>()
                .Add("start <length:duration>", "Starts it.", Start)
                .Add("name <name>", "Binds a name to it.", (timer, call) => Timers!.Rename(timer.Made.Number, call.Word("name"))),
            Files = (directory, timer) => directory
                .Add("owner", new TextFile(() => timer.Made.Owner.User)),
        },
        time);

    public Collection<EggTimer> Timers { get; }

    /// <summary>What happens outside of commands is told by <c>Changed</c>: status, queries, events and wait follow.</summary>
    public void Ring(EggTimer timer)
    {
        timer.State = "rung";
        Timers.Changed(timer.Made.Number);
    }

    private static void Start(EggTimer timer, CommandCall call)
    {
        if (timer.State != "idle")
        {
            throw new FileException(Errno.EBUSY, $"Timer {timer.Made.Id} is {timer.State}; make a new one.");
        }

        (timer.State, timer.Length) = ("running", call.Duration("length"));
    }
}
