namespace Pewter.Mail.Tests.Rings;

/// <summary>
/// The wake-up protocol of <see cref="RingDirection"/>, step by step as it is written there and in the office, through
/// every interleaving. The mutants show that the
/// model finds what it is there for: each of them is a mistake that was easy to make.
/// </summary>
public sealed class RingModelTests
{
    [Flags]
    public enum Mutant
    {
        None = 0,
        NoFenceBehindTheTail = 1,
        LooksBeforeItArms = 2,
        ClearsBothBells = 4,
        SleepsWithoutComparing = 8,
        NoFenceBehindTheBoard = 16,
        WaitsWithoutLookingAgain = 32,
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(3, 3)]
    public void No_interleaving_leaves_a_record_that_nobody_is_awake_for(int records, int taken)
    {
        var model = Bells(Mutant.None, records, taken);
        Assert.Null(model.Check(words => words[0] == words[1]));
        Assert.True(model.States > 1000, "the model has run");
    }

    [Theory]
    [InlineData(Mutant.NoFenceBehindTheTail)]
    [InlineData(Mutant.LooksBeforeItArms)]
    [InlineData(Mutant.ClearsBothBells)]
    [InlineData(Mutant.SleepsWithoutComparing)]
    public void The_model_finds_a_lost_wake_up_of_a_bell(Mutant mutant) => Assert.NotNull(Bells(mutant, 3, 1).Check(words => words[0] == words[1]));

    [Fact]
    public void No_interleaving_leaves_a_sender_asleep_whose_window_is_open() => Assert.Null(Window(Mutant.None).Check(words => words[2] == 1));

    [Theory]
    [InlineData(Mutant.NoFenceBehindTheBoard)]
    [InlineData(Mutant.WaitsWithoutLookingAgain)]
    public void The_model_finds_a_sender_that_is_forgotten(Mutant mutant) => Assert.NotNull(Window(mutant).Check(words => words[2] == 1));

    /// <summary>
    /// A writer of so many records; a thread that takes so many and then is busy with them for ever; the office's own
    /// thread. Words: tail, head, the gate of who looks,
    /// the two bells.
    /// </summary>
    private static StepModel Bells(Mutant mutant, int records, int taken)
    {
        var model = new StepModel();
        var (tail, head, polling) = (model.Word("tail"), model.Word("head"), model.Word("polling"));
        var (threadBell, pumpBell) = (model.Word("thread bell"), model.Word("pump bell"));
        var writer = model.Add("writer");
        for (var i = 1; i <= records; i++)
        {
            var (number, done) = (i, $"done{i}");
            writer.Store(tail, _ => number);
            if (!mutant.HasFlag(Mutant.NoFenceBehindTheTail))
                writer.Fence();
            Ring(writer, threadBell, $"pump{i}", mutant.HasFlag(Mutant.ClearsBothBells) ? pumpBell : -1).Goto(done).Label($"pump{i}");
            Ring(writer, pumpBell, done, -1).Label(done);
        }

        var reader = model.Add("reader").Label("again");
        Poll(reader, tail, head, polling, "polled").Label("polled")
            .Load(1, head).If(r => r[1] >= taken ? 1 : 0, "busy");
        Sleep(reader, tail, head, threadBell, mutant).Goto("again")
            .Label("busy").Stop();
        var pump = model.Add("pump").Label("again");
        Sleep(pump, tail, head, pumpBell, mutant);
        Poll(pump, tail, head, polling, "polled").Label("polled").Goto("again");
        return model;
    }

    private static StepModel.Program Ring(StepModel.Program program, int bell, string none, int also)
    {
        program.Load(0, bell).If(r => r[0] == 0 ? 1 : 0, none).Exchange(0, bell, _ => 0);
        if (also >= 0)
            program.Exchange(1, also, _ => 0);
        return program.If(r => r[0] == 0 ? 1 : 0, none).Wake(bell);
    }

    private static StepModel.Program Poll(StepModel.Program program, int tail, int head, int polling, string busy) => program
        .Exchange(0, polling, _ => 1).If(r => r[0] != 0 ? 1 : 0, busy)
        .Load(2, tail).Store(head, r => r[2]).Store(polling, _ => 0);

    private static StepModel.Program Sleep(StepModel.Program program, int tail, int head, int bell, Mutant mutant)
    {
        if (mutant.HasFlag(Mutant.LooksBeforeItArms))
            program.Load(2, tail).Load(3, head).Exchange(0, bell, _ => 1);
        else
            program.Exchange(0, bell, _ => 1).Load(2, tail).Load(3, head);
        var name = "awake" + program.GetHashCode();
        program.If(r => r[2] != r[3] ? 1 : 0, name);
        if (mutant.HasFlag(Mutant.SleepsWithoutComparing))
            program.Load(1, bell).Set(1, _ => 0).Exchange(1, bell, _ => 1);
        return program.Sleep(bell, 1).Label(name).Store(bell, _ => 0);
    }

    /// <summary>
    /// A sender whose window is full, and the receiver that takes one more. Words: the board, the wish, whether the
    /// sender has gone on, its bell.
    /// </summary>
    private static StepModel Window(Mutant mutant)
    {
        var model = new StepModel();
        var (board, wanted, wentOn, bell) = (model.Word("board"), model.Word("wanted"), model.Word("went on"), model.Word("bell"));
        var sender = model.Add("sender").Label("try")
            .Exchange(0, wanted, _ => 1).Load(1, board).If(r => r[1] != 0 ? 1 : 0, "go")
            .Exchange(0, bell, _ => 1);
        if (!mutant.HasFlag(Mutant.WaitsWithoutLookingAgain))
            sender.Load(1, wanted).If(r => r[1] == 0 ? 1 : 0, "awake");
        sender.Sleep(bell, 1).Label("awake").Store(bell, _ => 0).Load(1, wanted).If(r => r[1] == 0 ? 1 : 0, "try").Goto("try")
            .Label("go").Store(wentOn, _ => 1);
        var receiver = model.Add("receiver").Store(board, _ => 1);
        if (!mutant.HasFlag(Mutant.NoFenceBehindTheBoard))
            receiver.Fence();
        receiver.Load(0, wanted).If(r => r[0] == 0 ? 1 : 0, "end").Exchange(0, wanted, _ => 0).If(r => r[0] == 0 ? 1 : 0, "end");
        Ring(receiver, bell, "end", -1).Label("end");
        return model;
    }
}
