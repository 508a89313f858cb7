namespace Pewter.Store.Tests;

/// <summary>A directory of one test, removed with it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private static int s_count;

    public TemporaryDirectory() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(
        System.IO.Path.GetTempPath(), $"pw-{Environment.ProcessId}-store{Interlocked.Increment(ref s_count)}");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
