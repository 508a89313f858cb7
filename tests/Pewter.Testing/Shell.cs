using System.Diagnostics;

namespace Pewter.Testing;

/// <summary>What a shell command did.</summary>
public sealed record ShellResult(int ExitCode, string Output, string Errors);

/// <summary>Runs real shells, so that real programs use what is tested.</summary>
public static class Shell
{
    /// <summary>Runs a bash script to its end; one that does not end within a minute is killed and fails.</summary>
    public static async Task<ShellResult> RunAsync(string script, uint? asUser = null)
    {
        using var shell = Start(script, asUser);
        var output = shell.StandardOutput.ReadToEndAsync();
        var errors = shell.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            await shell.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            shell.Kill(entireProcessTree: true);
            throw new TimeoutException($"Still running after a minute: {script}");
        }

        return new ShellResult(shell.ExitCode, await output, await errors);
    }

    /// <summary>Starts a script that the test ends itself.</summary>
    public static Process Start(string script, uint? asUser = null)
    {
        var start = new ProcessStartInfo { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        if (asUser is { } user)
        {
            start.FileName = "setpriv";
            foreach (var word in (string[])[$"--reuid={user}", $"--regid={user}", "--clear-groups", "--", "bash"])
                start.ArgumentList.Add(word);
        }
        else
        {
            start.FileName = "bash";
        }

        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script);
        start.Environment["LC_ALL"] = "C";
        return Process.Start(start)!;
    }
}
