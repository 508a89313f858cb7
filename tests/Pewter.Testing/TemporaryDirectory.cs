namespace Pewter.Testing;

/// <summary>A directory of one test under the system's temporary one; removed with all in it, but never through a mount.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory() => Path = Directory.CreateTempSubdirectory($"pw-{Environment.ProcessId}-").FullName;

    public string Path { get; }

    public string this[string name] => $"{Path}/{name}";

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
