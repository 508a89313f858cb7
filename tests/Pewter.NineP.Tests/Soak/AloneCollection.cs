namespace Pewter.NineP.Tests.Soak;

/// <summary>Tests that measure the process's memory, and so run when no other does.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
