using System.CommandLine;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Commands;

/// <summary>How the network commands name networks and cards.</summary>
internal static class NetworkArguments
{
    public const string Root = "/net";
    public const string Switches = "/net/switch";

    public static Argument<string> Network() => new("NET") { Description = "A network by id or name" };

    public static Argument<string> Card() => new("NODE[.NIC]") { Description = "A node by id or name, and its card; eth0 when not given" };

    /// <summary>The directory of a network.</summary>
    public static string Path(string network) => network.StartsWith('/') ? network : TreePath.Child(Root, network);
}
