namespace Pewter.System.Tests;

/// <summary>What a program did.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Error);
