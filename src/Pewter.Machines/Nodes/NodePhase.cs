namespace Pewter.Machines.Nodes;

/// <summary>A phase of an allocation that is over: a line of <c>boot</c>.</summary>
/// <param name="Name">The phase.</param>
/// <param name="Start">When it began.</param>
/// <param name="Took">How long it took.</param>
public sealed record NodePhase(string Name, DateTimeOffset Start, TimeSpan Took);
