using System.CommandLine;

namespace Pewter.CommandLine;

/// <summary>A word that only has others below it: <c>pewter token create</c>.</summary>
internal abstract class CommandGroup(string name, string description) : Command(name, description);
