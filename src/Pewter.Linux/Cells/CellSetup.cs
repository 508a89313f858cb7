namespace Pewter.Linux.Cells;

/// <summary>What the agent of a cell is told by its launcher, as arguments.</summary>
public sealed record CellSetup
{
    /// <summary>The descriptor of the listening socket.</summary>
    public const int ListenDescriptor = 3;

    /// <summary>The descriptor that takes an error sentence; closed without one when the cell is ready.</summary>
    public const int ReadyDescriptor = 4;

    /// <summary>The descriptor of the root's mount, which hangs nowhere yet.</summary>
    public const int RootDescriptor = 5;

    /// <summary>The descriptor of the first thing that is shown, in the order of <see cref="Binds"/>.</summary>
    public const int FirstBindDescriptor = 6;

    /// <summary>As many as there are descriptors below the sixteenth.</summary>
    public const int MostBinds = 10;

    /// <summary>Host name.</summary>
    public string Name { get; init; } = "cell";

    /// <summary>Whether what root owns outside belongs to nobody inside, so that the cell's root cannot use what is root's alone.</summary>
    public bool IsRootForeign { get; init; }

    /// <summary>Whether it has a network namespace of its own, whose loopback is down.</summary>
    public bool IsNetworkNew { get; init; } = true;

    /// <summary>Host directories to show.</summary>
    public IReadOnlyList<CellBind> Binds { get; init; } = [];

    /// <summary>The arguments that say this.</summary>
    public IEnumerable<string> ToArguments()
    {
        yield return $"--name={Name}";
        if (IsRootForeign)
        {
            yield return "--foreign-root";
        }

        if (!IsNetworkNew)
        {
            yield return "--network=given";
        }

        foreach (var bind in Binds)
        {
            yield return $"--bind={bind}";
        }
    }

    /// <summary>Reads the arguments; those it does not know are left for the caller.</summary>
    public static CellSetup Parse(IEnumerable<string> arguments, out IReadOnlyList<string> rest)
    {
        var setup = new CellSetup();
        var others = new List<string>();
        var binds = new List<CellBind>();
        foreach (var argument in arguments)
        {
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var value = equals < 0 ? "" : argument[(equals + 1)..];
            switch (equals < 0 ? argument : argument[..equals])
            {
                case "--name":
                    setup = setup with { Name = value };
                    break;
                case "--foreign-root":
                    setup = setup with { IsRootForeign = true };
                    break;
                case "--network":
                    setup = setup with { IsNetworkNew = false };
                    break;
                case "--bind" when CellBind.TryParse(value, out var bind):
                    binds.Add(bind);
                    break;
                default:
                    others.Add(argument);
                    break;
            }
        }

        rest = others;
        return setup with { Binds = binds };
    }
}
