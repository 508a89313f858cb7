namespace Pewter.Machines.Qemu;

/// <summary>QEMU refused a command, or its monitor is gone.</summary>
public sealed class QmpException : Exception
{
    /// <summary>Creates the failure.</summary>
    /// <param name="errorClass">QEMU's error class, such as <c>GenericError</c>; <c>Disconnected</c> when the monitor is gone.</param>
    /// <param name="message">QEMU's own words, or what happened to the connection.</param>
    /// <param name="inner">What broke the connection.</param>
    public QmpException(string errorClass, string message, Exception? inner = null)
        : base(message, inner) => ErrorClass = errorClass;

    /// <summary>QEMU's error class.</summary>
    public string ErrorClass { get; }
}
