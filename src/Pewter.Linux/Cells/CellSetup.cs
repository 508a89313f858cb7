namespace Pewter.Linux.Cells;

/// <summary>What the agent of a cell is told by its launcher, as arguments.</summary>
public sealed record CellSetup
{
    /// <summary>The descriptor of the listening socket.</summary>
    public const int ListenDescriptor = 3;

    /// <summary>The descriptor that takes an error sentence; closed without one when the cell is ready.</summary>
    public const int ReadyDescriptor = 4;

    /// <summary>Host name.</summary>
    public string Name { get; init; } = "cell";

    /// <summary>The directory under the overlay.</summary>
    public string Root { get; init; } = "/";

    /// <summary>A mount option for the size of the root's memory, such as <c>size=64m</c>.</summary>
    public string? Size { get; init; }

    /// <summary>Whether process 1 lives in a user namespace of its own, which changes how an overlay may be mounted.</summary>
    public bool IsUserNamespace { get; init; }

    /// <summary>Whether it has a network namespace of its own, whose loopback is down.</summary>
    public bool IsNetworkNew { get; init; } = true;

    /// <summary>Host directories to show.</summary>
    public IReadOnlyList<CellBind> Binds { get; init; } = [];

    /// <summary>The arguments that say this.</summary>
    public IEnumerable<string> ToArguments()
    {
        yield return $"--name={Name}";
        yield return $"--root={Root}";
        if (Size is not null)
        {
            yield return $"--size={Size}";
        }

        if (IsUserNamespace)
        {
            yield return "--user-namespace";
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
                case "--root":
                    setup = setup with { Root = value };
                    break;
                case "--size":
                    setup = setup with { Size = value };
                    break;
                case "--user-namespace":
                    setup = setup with { IsUserNamespace = true };
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
