namespace Pewter.Node.Knobs;

/// <summary>A setting of this machine.</summary>
/// <param name="Name">Its path below <c>/knob</c>, such as <c>vm/swappiness</c>.</param>
/// <param name="Read">Gives the value.</param>
/// <param name="Write">Applies a value; fails with an <see cref="IOException"/> or a file's failure.</param>
internal sealed record Knob(string Name, Func<string> Read, Action<string> Write);
