namespace Pewter.Tree.Benchmarks;

/// <summary>An object as a real service has it: some words, some numbers, a few tags.</summary>
internal sealed class Machine
{
    private static readonly string[] States = ["free", "booting", "ready", "released"];
    private static readonly string[] Systems = ["linux", "plan9", "ebbrt"];

    public Machine(int number)
    {
        Owner = Owners[number % Owners.Length];
        State = States[number % 3];
        Os = Systems[number % Systems.Length];
        Cpus = 1 << (number % 7);
        Memory = (long)(1 + (number % 64)) << 30;
        Load = number % 100 / 10.0;
        Tags = TagSets[number % TagSets.Length];
    }

    public static Owner[] Owners { get; } = [.. Enumerable.Range(0, 1000).Select(user => new Owner($"u{user}", $"g{user / 10}"))];

    private static string[][] TagSets { get; } = [["x86", "rack1"], ["x86", "gpu"], ["arm"], []];

    public Owner Owner { get; }

    public string State { get; set; }

    public string Os { get; }

    public long Cpus { get; }

    public long Memory { get; }

    public double Load { get; }

    public string[] Tags { get; }

    public static ObjectKind<Machine> Kind { get; } = new()
    {
        Prefix = "n",
        Fields = new Fields<Machine>()
            .Text("os", machine => machine.Os, indexed: true)
            .Int("cpus", machine => machine.Cpus, indexed: true)
            .Size("mem", machine => machine.Memory, indexed: true)
            .Number("load", machine => machine.Load)
            .Tags("tags", machine => machine.Tags),
        States = new(machine => machine.State, States, ["released"]),
        Owner = machine => machine.Owner,
        Commands = new CommandSet<Machine>()
            .Add("state <to:free|booting|ready>", "Sets the state.", (machine, call) => machine.State = call.Word("to")),
    };
}
