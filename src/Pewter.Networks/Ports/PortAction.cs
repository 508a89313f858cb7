namespace Pewter.Networks.Ports;

/// <summary>An action that is there.</summary>
internal sealed class PortAction(ActionRecord record)
{
    private volatile ActionRecord _record = record;

    public ActionRecord Record
    {
        get => _record;
        set => _record = value;
    }

    /// <summary>Ends with the action.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
