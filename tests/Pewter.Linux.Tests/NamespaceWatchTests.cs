using System.Diagnostics;
using Pewter.Linux.Namespaces;

namespace Pewter.Linux.Tests;

public sealed class NamespaceWatchTests
{
    [Fact]
    public async Task A_namespace_is_held_by_those_in_it_and_by_whoever_has_it_open()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because namespaces need root");
        using var watch = new NamespaceWatch();
        watch.Add(Environment.ProcessId);
        Assert.Equal(0, watch.Count);

        using var inside = Process.Start(new ProcessStartInfo("unshare", ["--net", "--uts", "--", "sh", "-c", "echo ready; exec cat"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        Assert.Equal("ready", await inside.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        watch.Add(inside.Id);
        Assert.Equal(2, watch.Count);
        Assert.Contains(watch.Holders(), holder => holder.EndsWith($": /proc/{inside.Id}/task/{inside.Id}/ns/net", StringComparison.Ordinal));

        // The process goes, and somebody outside still has one of the two open.
        using var holder = Process.Start(new ProcessStartInfo("sh", ["-c", $"exec 9</proc/{inside.Id}/ns/uts; echo ready; exec cat"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        Assert.Equal("ready", await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        inside.Kill();
        await inside.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Matches($"^uts:.*: /proc/{holder.Id}/fd/9$", Assert.Single(watch.Holders()));
        holder.Kill();
        await holder.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Empty(watch.Holders());
    }
}
