namespace Pewter.System.Tests;

/// <summary>
/// A system with three cells, mounted where there is FUSE, for all tests of a class; they run one after the other. Where cells cannot be, each
/// test says so and is skipped.
/// </summary>
public sealed class Lab : IAsyncLifetime
{
    private PewterSystem? _system;
    private string? _mount;

    internal PewterSystem System
    {
        get
        {
            Programs.RequireCells();
            return _system!;
        }
    }

    private static bool CanHaveCells => Environment.IsPrivilegedProcess && Programs.Agent is not null;

    public async ValueTask InitializeAsync()
    {
        if (!CanHaveCells)
        {
            return;
        }

        _system = await PewterSystem.UpAsync();
        var made = await _system.RunAsync("node", "alloc", "-n", "3");
        Assert.True(made.ExitCode == 0, made.Error);
        if (File.Exists("/dev/fuse"))
        {
            _mount = Path.Combine(_system.State, "mnt");
            Directory.CreateDirectory(_mount);
            var mounted = await _system.RunAsync("mount", "--detach", _mount);
            Assert.True(mounted.ExitCode == 0, mounted.Error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            if (_mount is not null)
            {
                await _system.RunProgramAsync("umount", [_mount]);
            }

            await _system.DisposeAsync();
        }
    }

    /// <summary>Runs lines of a shell in the mounted tree.</summary>
    internal async Task<ProgramResult> ShellAsync(string lines, bool expectsErrors = false)
    {
        var system = System;
        Assert.SkipWhen(_mount is null, "skipped, because there is no /dev/fuse");
        var result = await system.RunProgramAsync("bash", ["-c", $"cd {_mount}\n{lines}"]);
        Assert.True(expectsErrors || result.Error.Length == 0, result.Error + result.Output);
        return result;
    }
}
