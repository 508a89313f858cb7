using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter switch</c>: switches that carry many networks by VLANs.</summary>
internal sealed class SwitchCommand : Command
{
    public SwitchCommand(CommandHost host)
        : base("switch", "Make, list and remove switches, and show their ports")
    {
        Add(new SwitchAddCommand(host));
        Add(new SwitchListCommand(host));
        Add(new SwitchPortCommand(host));
        Add(new SwitchRemoveCommand(host));
    }
}
