using System.Diagnostics;

namespace Pewter.Hosting.Ledger;

/// <summary>Runs iproute2's <c>ip</c>, as a person would.</summary>
internal static class IpTool
{
    public static void Run(params ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo("ip") { UseShellExecute = false, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new IOException("'ip' did not start; 'apt-get install -y iproute2' brings it.");
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new IOException($"ip {string.Join(' ', start.ArgumentList)}: {errors.Trim()}");
        }
    }
}
