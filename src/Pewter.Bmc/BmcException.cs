namespace Pewter.Bmc;

/// <summary>The expected failure of a controller: the fault, and a sentence that names the controller and says what to do. Holds no secret.</summary>
public sealed class BmcException : Exception
{
    /// <summary>Creates the failure.</summary>
    public BmcException(BmcFault fault, string message, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    /// <summary>In which way the controller failed.</summary>
    public BmcFault Fault { get; }
}
