namespace Pewter.Hosting.Logging;

/// <summary>How important a message is.</summary>
public enum LogLevel
{
    /// <summary>For whoever looks for a fault.</summary>
    Debug,

    /// <summary>What the daemon does.</summary>
    Info,

    /// <summary>Something is not as it should be, and goes on.</summary>
    Warn,

    /// <summary>Something failed that somebody asked for.</summary>
    Error,
}
