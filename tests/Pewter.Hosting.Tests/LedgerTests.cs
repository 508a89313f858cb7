using System.Diagnostics;
using System.Globalization;
using Pewter.Hosting.Ledger;
using Pewter.Linux.Processes;
using Pewter.Store;

namespace Pewter.Hosting.Tests;

public sealed class LedgerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_recorded_is_listed_in_the_order_of_undoing_until_it_is_forgotten()
    {
        await using var store = StateStore.OpenMemory();
        await store.LeadAsync(Token);
        var ledger = new ResourceLedger(store);
        var mount = new KernelResource(KernelResourceKind.Mount, "/m", "image");
        var deeper = new KernelResource(KernelResourceKind.Mount, "/m/deeper", "image");
        var process = new KernelResource(KernelResourceKind.Process, "7", "node", "99");
        await ledger.RecordAsync(Token, mount, deeper, process);
        Assert.Equal([process, deeper, mount], await ledger.ListAsync(Token));
        await ledger.ForgetAsync(Token, process, deeper);
        Assert.Equal([mount], await ledger.ListAsync(Token));
    }

    [Fact]
    public void A_recorded_process_is_killed_and_another_of_its_number_is_not()
    {
        using var process = Process.Start("sleep", "60");
        var start = ProcessStat.Read(process.Id)!.Value.StartTicks.ToString(CultureInfo.InvariantCulture);
        var resource = new KernelResource(KernelResourceKind.Process, process.Id.ToString(CultureInfo.InvariantCulture), "node", start);
        var cleaner = new ResourceCleaner();

        cleaner.Remove(resource with { Mark = "1" });
        Assert.False(process.WaitForExit(50));

        Assert.True(cleaner.Exists(resource));
        cleaner.Remove(resource);
        Assert.True(process.WaitForExit(5000));
        Assert.False(cleaner.Exists(resource));
    }

    [Fact]
    public async Task What_a_recorded_process_has_started_goes_with_it()
    {
        var start = new ProcessStartInfo("sh", ["-c", "setsid sh -c 'sleep 600 & echo $!; wait' & wait"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var grandchild = int.Parse((await process.StandardOutput.ReadLineAsync(Token))!, CultureInfo.InvariantCulture);
        var ticks = ProcessStat.Read(process.Id)!.Value.StartTicks.ToString(CultureInfo.InvariantCulture);
        new ResourceCleaner().Remove(
            new KernelResource(KernelResourceKind.Process, process.Id.ToString(CultureInfo.InvariantCulture), "node", ticks));
        await process.WaitForExitAsync(Token);
        Assert.True(ProcessStat.Read(grandchild) is null or { State: 'Z' });
    }

    [Fact]
    public void A_recorded_file_is_removed_and_one_that_was_never_made_is_no_failure()
    {
        var path = Path.Combine(Path.GetTempPath(), $"pw-{Environment.ProcessId}-ledger");
        var resource = new KernelResource(KernelResourceKind.File, path, "node");
        var cleaner = new ResourceCleaner();
        cleaner.Remove(resource);
        File.WriteAllText(path, "");
        cleaner.Remove(resource);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_recorded_interface_and_namespace_are_removed()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Skip("skipped, because only root makes interfaces and namespaces");
        }

        var name = $"pwh{Environment.ProcessId % 100000}";
        Run("ip", $"link add {name} type bridge");
        Run("ip", $"netns add {name}");
        var cleaner = new ResourceCleaner();
        foreach (var kind in new[] { KernelResourceKind.Interface, KernelResourceKind.Namespace })
        {
            var resource = new KernelResource(kind, name, "network");
            Assert.True(cleaner.Exists(resource));
            cleaner.Remove(resource);
            Assert.False(cleaner.Exists(resource));
        }
    }

    private static void Run(string program, string arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
