using Pewter.Hosting.Ledger;

namespace Pewter.Daemon;

/// <summary>What became of a recorded resource.</summary>
internal sealed record CleanedResource(KernelResource Resource, string Outcome, string? Problem);
