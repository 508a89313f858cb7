using System.ComponentModel;
using System.Diagnostics;
using Pewter.Linux;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;

namespace Pewter.CommandLine;

/// <summary>Starts real programs.</summary>
internal sealed class SystemPrograms : IProgramStarter
{
    private const int OpenReadWrite = 2;
    private const int OpenForLog = 0x1 | 0x40 | 0x400;
    private const uint PrivateMode = 0x180;

    public IStartedProgram StartDetached(string program, IReadOnlyList<string> arguments, string outputFile)
    {
        using var nothing = Descriptors.Own(Descriptors.Open("/dev/null", OpenReadWrite));
        using var output = Descriptors.Own(Descriptors.Open(outputFile, OpenForLog, PrivateMode));
        var environment = Environment.GetEnvironmentVariables();
        var child = ProcessSpawner.Spawn(new SpawnOptions
        {
            Path = program,
            Arguments = [program, .. arguments],
            Environment = [.. environment.Keys.Cast<string>().Select(name => $"{name}={environment[name]}")],
            WorkingDirectory = "/",
            Descriptors =
            [
                new DescriptorMapping(nothing.Number(), 0), new DescriptorMapping(output.Number(), 1), new DescriptorMapping(output.Number(), 2),
            ],
            NewSession = true,
        });
        return new Started(child);
    }

    public async ValueTask<int> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C reaches the whole terminal; whatever else ended us, the program is asked to end too.
            ProcessControl.Signal(process.Id, SignalNumbers.Terminate);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        return process.ExitCode;
    }

    public async ValueTask<(int ExitCode, string Output)?> AskAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
            })!;
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            output += await errors;
            await process.WaitForExitAsync(cancellation);
            return (process.ExitCode, output);
        }
        catch (Win32Exception)
        {
            // There is no such program here.
            return null;
        }
    }

    private static class SignalNumbers
    {
        public const int Terminate = 15;
    }

    private sealed class Started(SpawnedProcess child) : IStartedProgram
    {
        /// <summary>As shells tell a death by signal.</summary>
        private const int SignalBase = 128;

        private int? _exitCode;

        public int Id => child.Id;

        public int? ExitCode => _exitCode ??=
            ProcessWait.TryWait(child.Pidfd.Number()) is { } status ? status.ExitCode ?? SignalBase + status.Signal : null;
    }
}
