using Pewter.Doors.Admission;

namespace Pewter.Doors.Tokens;

/// <summary>A living token: what is kept of it, and the end that its bearers' connections watch. The store owns it.</summary>
internal sealed record TokenEntry(StoredToken Stored, Deadline End);
