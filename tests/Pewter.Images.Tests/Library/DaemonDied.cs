namespace Pewter.Images.Tests.Library;

/// <summary>Stands for the end of the daemon: no failure that anybody expects, so nobody undoes anything.</summary>
internal sealed class DaemonDied() : Exception("The daemon died here.");
