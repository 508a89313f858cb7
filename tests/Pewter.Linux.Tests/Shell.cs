using Pewter.Linux.Pipes;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;

namespace Pewter.Linux.Tests;

/// <summary>Runs a program with its output captured, by the code under test.</summary>
internal static class Shell
{
    internal static (string Output, WaitStatus Status) Run(string script, Func<SpawnOptions, SpawnOptions>? change = null) =>
        Run(["/bin/sh", "-c", script], change);

    internal static (string Output, WaitStatus Status) Run(string[] arguments, Func<SpawnOptions, SpawnOptions>? change = null)
    {
        var (reader, writer) = AnonymousPipe.Create();
        using var output = new FileStream(Descriptors.Own(reader), FileAccess.Read);
        var options = new SpawnOptions
        {
            Path = arguments[0],
            Arguments = arguments,
            Environment = ["PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C"],
            Descriptors = [new(writer, 1), new(writer, 2)],
        };
        SpawnedProcess child;
        try
        {
            child = ProcessSpawner.Spawn(change?.Invoke(options) ?? options);
        }
        finally
        {
            Descriptors.Close(writer);
        }

        using var pidfd = child.Pidfd;
        var text = new StreamReader(output).ReadToEnd();
        return (text, ProcessWait.Wait(pidfd));
    }
}
