namespace Pewter.Mail.Tests.Rings;

/// <summary>
/// Runs small programs over shared words through every interleaving, with the memory of x86: a store waits in its
/// processor's buffer until it is flushed, which may
/// be at any later time; an exchange and a fence flush first. Sleeping compares and sleeps at once, as the futex call
/// does.
/// </summary>
internal sealed class StepModel
{
    private const int Registers = 4;
    private const int BufferMax = 3;

    private readonly List<(string Name, List<Step> Steps, Dictionary<string, int> Labels)> _programs = [];
    private readonly List<string> _words = [];

    internal delegate int Value(ReadOnlySpan<int> registers);

    private enum Op
    {
        Load,
        Store,
        Exchange,
        Fence,
        Sleep,
        Wake,
        Compute,
        Branch,
        Stop,
    }

    internal int States { get; private set; }

    internal int Word(string name)
    {
        _words.Add(name);
        return _words.Count - 1;
    }

    internal Program Add(string name)
    {
        var steps = new List<Step>();
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        _programs.Add((name, steps, labels));
        return new Program(steps, labels);
    }

    /// <summary>
    /// Visits every state. Returns null when, wherever nothing more happens, the condition holds over the words; else
    /// the way to a state where it does not.
    /// </summary>
    internal string? Check(Func<int[], bool> goodEnd)
    {
        var start = new int[_words.Count + (_programs.Count * (2 + Registers + 1 + (2 * BufferMax)))];
        for (var p = 0; p < _programs.Count; p++)
            start[At(p) + 1] = -1;
        var seen = new HashSet<string> { Key(start) };
        var open = new Stack<(int[] State, Trail? Trail)>();
        open.Push((start, null));
        while (open.TryPop(out var at))
        {
            var moved = false;
            foreach (var (next, what) in Moves(at.State))
            {
                moved = true;
                if (seen.Add(Key(next)))
                    open.Push((next, new Trail(what, at.Trail)));
            }

            if (!moved && !goodEnd(at.State[.._words.Count]))
                return Trail.Tell(at.Trail);
            States = seen.Count;
        }

        return null;
    }

    private static string Key(int[] state) => new([.. state.Select(number => (char)(number + 1))]);

    private int At(int program) => _words.Count + (program * (2 + Registers + 1 + (2 * BufferMax)));

    private IEnumerable<(int[] Next, string What)> Moves(int[] state)
    {
        for (var p = 0; p < _programs.Count; p++)
        {
            var at = At(p);
            var buffer = at + 2 + Registers;
            if (state[buffer] > 0)
            {
                var next = (int[])state.Clone();
                next[next[buffer + 1]] = next[buffer + 2];
                for (var i = 1; i <= (2 * BufferMax) - 2; i++)
                    next[buffer + i] = next[buffer + i + 2];
                (next[buffer + (2 * BufferMax) - 1], next[buffer + (2 * BufferMax)]) = (0, 0);
                next[buffer]--;
                yield return (next, $"{_programs[p].Name} flushes");
            }

            if (state[at + 1] >= 0 || state[at] >= _programs[p].Steps.Count)
                continue;
            foreach (var next in Execute(state, p, _programs[p].Steps[state[at]]))
                yield return (next, $"{_programs[p].Name} {state[at]} {_programs[p].Steps[state[at]].Op}");
        }
    }

    private IEnumerable<int[]> Execute(int[] state, int p, Step step)
    {
        var (at, buffer) = (At(p), At(p) + 2 + Registers);
        var flushes = step.Op is Op.Exchange or Op.Fence or Op.Sleep or Op.Wake;
        if ((flushes && state[buffer] > 0) || (step.Op == Op.Store && state[buffer] == BufferMax) || step.Op == Op.Stop)
            yield break;
        var next = (int[])state.Clone();
        var value = step.Value is null ? 0 : step.Value(state.AsSpan(at + 2, Registers));
        next[at]++;
        switch (step.Op)
        {
            case Op.Load:
                next[at + 2 + step.Register] = state[step.Word];
                for (var i = 0; i < state[buffer]; i++)
                    if (state[buffer + 1 + (2 * i)] == step.Word)
                        next[at + 2 + step.Register] = state[buffer + 2 + (2 * i)];
                break;
            case Op.Store:
                (next[buffer + 1 + (2 * state[buffer])], next[buffer + 2 + (2 * state[buffer])]) = (step.Word, value);
                next[buffer]++;
                break;
            case Op.Exchange:
                (next[at + 2 + step.Register], next[step.Word]) = (state[step.Word], value);
                break;
            case Op.Sleep:
                if (state[step.Word] == value)
                    next[at + 1] = step.Word;
                break;
            case Op.Wake:
                for (var other = 0; other < _programs.Count; other++)
                    if (next[At(other) + 1] == step.Word)
                    {
                        next[At(other) + 1] = -1;
                        break;
                    }

                break;
            case Op.Compute:
                next[at + 2 + step.Register] = value;
                break;
            case Op.Branch:
                next[at] = value != 0 ? _programs[p].Labels[step.Label!] : next[at];
                break;
        }

        yield return next;
    }

    internal sealed class Program
    {
        private readonly List<Step> _steps;
        private readonly Dictionary<string, int> _labels;

        internal Program(object steps, Dictionary<string, int> labels) => (_steps, _labels) = ((List<Step>)steps, labels);

        internal Program Label(string name)
        {
            _labels[name] = _steps.Count;
            return this;
        }

        internal Program Load(int register, int word) => Add(new Step(Op.Load, word, register, null, null));

        internal Program Store(int word, Value value) => Add(new Step(Op.Store, word, 0, value, null));

        internal Program Exchange(int register, int word, Value value) => Add(new Step(Op.Exchange, word, register, value, null));

        internal Program Fence() => Add(new Step(Op.Fence, 0, 0, null, null));

        internal Program Sleep(int word, int value) => Add(new Step(Op.Sleep, word, 0, _ => value, null));

        internal Program Wake(int word) => Add(new Step(Op.Wake, word, 0, null, null));

        internal Program Set(int register, Value value) => Add(new Step(Op.Compute, 0, register, value, null));

        internal Program If(Value condition, string label) => Add(new Step(Op.Branch, 0, 0, condition, label));

        internal Program Goto(string label) => If(_ => 1, label);

        internal Program Stop() => Add(new Step(Op.Stop, 0, 0, null, null));

        private Program Add(Step step)
        {
            _steps.Add(step);
            return this;
        }
    }

    private sealed record Step(Op Op, int Word, int Register, Value? Value, string? Label);

    private sealed record Trail(string What, Trail? Before)
    {
        internal static string Tell(Trail? trail)
        {
            var lines = new List<string>();
            for (; trail is not null; trail = trail.Before)
                lines.Add(trail.What);
            lines.Reverse();
            return string.Join('\n', lines);
        }
    }
}
