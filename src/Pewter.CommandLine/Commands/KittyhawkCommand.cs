using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary>
/// <c>pewter kh</c>: Kittyhawk's own words and output lines over networks and virtual machines. Its numbers are those of the ids: network 12 is
/// <c>net12</c>, node 41 is <c>n41</c>; where Kittyhawk printed files of its record directory, these are files of the tree.
/// </summary>
internal sealed class KittyhawkCommand : Command
{
    public KittyhawkCommand(CommandHost host)
        : base("kh", "Kittyhawk's commands: networks and virtual machines in its own words")
    {
        Add(new KittyhawkNetworkCommand(host));
        Add(new KittyhawkAllocCommand(host));
        Add(new KittyhawkRemoveNodeCommand(host));
        Add(new KittyhawkRemoveNetworkCommand(host));
        Add(new KittyhawkConsoleCommand(host));
        Add(new KittyhawkInfoCommand(host));
        Add(new KittyhawkCleanCommand(host));
    }
}
