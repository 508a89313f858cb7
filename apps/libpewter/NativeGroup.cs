using Pewter.Sdk;

namespace Pewter.Native;

/// <summary>A group with the handles of its processes, which live and are closed by themselves.</summary>
/// <param name="Group">The group.</param>
/// <param name="Members">The handles, in the order of the processes.</param>
internal sealed record NativeGroup(ProcessGroup Group, IReadOnlyList<long> Members);
