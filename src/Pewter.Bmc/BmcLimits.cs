namespace Pewter.Bmc;

/// <summary>Bounds of what a controller may take.</summary>
public sealed record BmcLimits
{
    /// <summary>One try of one request over UDP. Controllers are slow; a real one answers in 5 to 500 ms.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Tries of one request over UDP, where datagrams get lost.</summary>
    public int Tries { get; init; } = 4;

    /// <summary>A whole operation, with its session. A controller that needs longer is stuck.</summary>
    public TimeSpan Operation { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The largest JSON document of Redfish that is read; a system's is some 20 KB.</summary>
    public int DocumentBytes { get; init; } = 1 << 20;

    /// <summary>Silence on a console after which the session is proven alive; controllers end one after 60 s.</summary>
    public TimeSpan ConsoleProbe { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Bytes of console output that wait for a reader; then the controller is told to wait.</summary>
    public int ConsoleBytes { get; init; } = 1 << 16;
}
