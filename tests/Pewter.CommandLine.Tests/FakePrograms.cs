namespace Pewter.CommandLine.Tests;

/// <summary>Programs that are said to start and answer.</summary>
internal sealed class FakePrograms : IProgramStarter
{
    public List<string> Started { get; } = [];

    public Action? OnStart { get; set; }

    public int? ExitCodeOfStarted { get; set; }

    public IStartedProgram StartDetached(string program, IReadOnlyList<string> arguments, string outputFile)
    {
        Started.Add(string.Join(' ', arguments.Prepend(program)));
        OnStart?.Invoke();
        return new StartedProgram(4711, ExitCodeOfStarted);
    }

    public ValueTask<int> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        Started.Add(string.Join(' ', arguments.Prepend(program)));
        return ValueTask.FromResult(0);
    }

    public ValueTask<(int ExitCode, string Output)?> AskAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        ValueTask.FromResult<(int ExitCode, string Output)?>(null);

    private sealed record StartedProgram(int Id, int? ExitCode) : IStartedProgram;
}
