using System.Diagnostics;
using Xunit;

namespace Pewter.Testing.Postgres;

/// <summary>
/// A real PostgreSQL server of its own from the Debian package: data and Unix socket in a private directory, no TCP. A class or assembly fixture;
/// tests separate themselves by schema or by <see cref="CreateDatabaseAsync"/>. Without the package, <see cref="ConnectionString"/> skips the test.
/// </summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private static int s_count;

    private readonly string _directory = Path.Combine(
        Path.GetTempPath(), $"pw-{Environment.ProcessId}-pg{Interlocked.Increment(ref s_count)}");

    private readonly string? _programs = FindPrograms();
    private bool _started;

    /// <summary>How Npgsql reaches the database <c>postgres</c> as its superuser.</summary>
    public string ConnectionString
    {
        get
        {
            Assert.SkipWhen(_programs is null, "skipped, because the package postgresql is not installed");
            return ConnectionTo("postgres");
        }
    }

    /// <summary>The directory of the Unix socket.</summary>
    public string SocketDirectory => _directory;

    public async ValueTask InitializeAsync()
    {
        if (_programs is null)
            return;
        Directory.CreateDirectory(_directory);
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", "postgres", _directory);
        await RunProgramAsync("initdb", "-D", Data, "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C");
        await StartAsync();
    }

    /// <summary>Creates a database and gives its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string name)
    {
        _ = ConnectionString;
        await RunProgramAsync("createdb", "-h", _directory, "-U", "postgres", name);
        return ConnectionTo(name);
    }

    /// <summary>Starts the server after <see cref="CrashAsync"/>.</summary>
    public async Task StartAsync()
    {
        var options = $"-k {_directory} -c listen_addresses= -c max_connections=200 -c shared_buffers=32MB";
        await RunProgramAsync("pg_ctl", "-D", Data, "-o", options, "-l", Path.Combine(_directory, "log"), "-w", "start");
        _started = true;
    }

    /// <summary>Ends the server at once, as a crash does; what it acknowledged is there after <see cref="StartAsync"/>.</summary>
    public async Task CrashAsync()
    {
        await RunProgramAsync("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        _started = false;
    }

    public async ValueTask DisposeAsync()
    {
        if (_started)
            await CrashAsync();
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    private string Data => Path.Combine(_directory, "data");

    private string ConnectionTo(string database) => $"Host={_directory};Username=postgres;Database={database}";

    private static string? FindPrograms() => !Directory.Exists("/usr/lib/postgresql") ? null : Directory
        .EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
        .Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault();

    /// <summary>The server refuses to run as root.</summary>
    private Task RunProgramAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(_programs!, program);
        return Environment.IsPrivilegedProcess
            ? RunAsync("runuser", ["-u", "postgres", "--", path, .. arguments])
            : RunAsync(path, arguments);
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        // The started server inherits what it is given, so its output goes to a file and not to a pipe that would never end.
        var output = Path.Combine(_directory, "setup.log");
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = _directory,
            ArgumentList = { "-c", $"exec \"$@\" >>{output} 2>&1 </dev/null", "sh", program },
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await File.ReadAllTextAsync(output)}");
    }
}
