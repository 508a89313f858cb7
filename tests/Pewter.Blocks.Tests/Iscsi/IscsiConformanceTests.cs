using System.Runtime.CompilerServices;
using Pewter.Blocks.Scsi;
using Pewter.Testing.Blocks;

namespace Pewter.Blocks.Tests.Iscsi;

/// <summary>
/// The whole of libiscsi's iscsi-test-cu; docs/iscsi-conformance.md says why a test of it does not pass.
/// </summary>
public sealed class IscsiConformanceTests
{
    private const int TestsInSuite = 230;

    [Fact]
    public async Task Every_test_of_the_suite_passes_or_has_a_written_reason()
    {
        await using var target = new TargetFixture();
        ConformanceRun run = await ConformanceRun.StartAsync("ALL", target.Url);
        Assert.True(run.Tests.Count >= TestsInSuite, $"only {run.Tests.Count} tests ran");
        string[] reasons = ReadReasons();
        string[] unexplained = [.. run.Exceptions.Where(test => !reasons.Any(row => Covers(row, test)))];
        Assert.True(unexplained.Length == 0, "without a written reason: " + string.Join(", ", unexplained));
        string[] stale = [.. reasons.Where(row => !run.Exceptions.Any(test => Covers(row, test)))];
        Assert.True(stale.Length == 0, "passing, so their reasons are stale: " + string.Join(", ", stale));
    }

    [Fact]
    public async Task A_read_only_disk_passes_the_read_only_family()
    {
        await using var target = new TargetFixture(device: new MemoryDisk(16 << 20, isReadOnly: true));
        ConformanceRun run = await ConformanceRun.StartAsync("ALL.ReadOnly", target.Url);
        Assert.Equal(["ReadOnly.ReadOnlySBC"], run.Tests);
        Assert.Empty(run.Exceptions);
    }

    [Fact]
    public async Task A_disk_of_small_physical_blocks_passes_the_provisioning_families()
    {
        await using var target = new TargetFixture();
        var unit = new LogicalUnit(new MemoryDisk(64 << 20), new UnitIdentity("d512"), physicalBlock: 512);
        target.Publish("iqn.2026-11.example.pewter:small", [new("*")], unit);
        ConformanceRun run = await ConformanceRun.StartAsync("ALL.GetLBAStatus", $"iscsi://{target.Portal}/iqn.2026-11.example.pewter:small/0");
        Assert.Equal(3, run.Tests.Count);
        Assert.Empty(run.Exceptions);
    }

    private static bool Covers(string row, string test) =>
        row == test || (row.EndsWith(".*", StringComparison.Ordinal) && test.StartsWith(row[..^1], StringComparison.Ordinal));

    private static string[] ReadReasons([CallerFilePath] string here = "")
    {
        string document = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/iscsi-conformance.md"));
        return [.. File.ReadLines(document)
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line.Contains('.') && !line.StartsWith("| ---", StringComparison.Ordinal))
            .Select(line => line.Split('|')[1].Trim())];
    }
}
