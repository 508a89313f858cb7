namespace Pewter.Sdk.Piping;

/// <summary>One stage as it was written.</summary>
/// <param name="Text">The command, for a shell on the node.</param>
/// <param name="Input">How it gets its input; null for the first.</param>
public sealed record PipelineStage(string Text, PipeOperator? Input);
