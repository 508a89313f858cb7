using Pewter.Blocks.Layers;

namespace Pewter.Blocks.Tests.Layers;

/// <summary>Each change of a store, cut at every point in it: the state is the one before or after, and the change can be repeated.</summary>
public sealed class InterruptedChangeTests
{
    private const int Size = 64 * 1024;

    public static TheoryData<string> Changes => 
        ["create", "clone", "snapshot", "rollback", "resize", "shrink", "flatten", "delete-disk", "delete-layer", "rename"];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_cut_anywhere_is_undone_or_done(string change)
    {
        var files = new PowerCutFiles();
        string before, after;
        int begin;
        await using (LayerStore store = await LayerStore.OpenAsync(files, TimeProvider.System))
        {
            DiskInfo disk = await store.CreateDiskAsync(Size, "base");
            await using (LayeredDevice device = store.OpenDisk("base"))
                await device.WriteAsync(0, Bytes.Of(1, 20000));
            await store.SnapshotAsync("base", "golden");
            await store.CloneAsync("golden", "web");
            await using (LayeredDevice device = store.OpenDisk("web"))
                await device.WriteAsync(8192, Bytes.Of(2, 9000));
            await store.SnapshotAsync("base", "free");
            await store.DeleteDiskAsync("base");
            before = await DescribeAsync(store);
            begin = files.LogLength;
            await DoAsync(store, change);
            after = await DescribeAsync(store);
        }

        Assert.NotEqual(before, after);
        var random = new Random(1);
        for (int point = begin; point <= files.LogLength; point++)
        {
            await using LayerStore store = await LayerStore.OpenAsync(files.After(point, random), TimeProvider.System);
            string now = await DescribeAsync(store);
            Assert.True(now == before || now == after, $"cut at {point - begin}:\n{now}\nis neither\n{before}\nnor\n{after}");
            if (now != after)
                await DoAsync(store, change);
            Assert.Equal(after, await DescribeAsync(store));
        }
    }

    private static async Task DoAsync(LayerStore store, string change)
    {
        switch (change)
        {
            case "create":
                await store.CreateDiskAsync(Size, "new");
                break;
            case "clone":
                await store.CloneManyAsync("golden", 3, "new");
                break;
            case "snapshot":
                await store.SnapshotAsync("web", "snap");
                break;
            case "rollback":
                await store.RollbackAsync("web", "golden");
                break;
            case "resize":
                await store.ResizeAsync("web", 2 * Size);
                break;
            case "shrink":
                await store.ResizeAsync("web", 12 * 1024);
                break;
            case "flatten":
                await store.FlattenAsync("web");
                break;
            case "delete-disk":
                await store.DeleteDiskAsync("web");
                break;
            case "delete-layer":
                await store.DeleteLayerAsync("free");
                break;
            case "rename":
                await store.RenameAsync("web", "site");
                break;
        }
    }

    // Names, parents by name, lengths and content; ids may differ after a repetition.
    private static async Task<string> DescribeAsync(LayerStore store)
    {
        var lines = new List<string>();
        foreach (DiskInfo disk in store.Disks)
        {
            await using LayeredDevice device = store.OpenDisk(disk.Id);
            lines.Add($"disk {disk.Name} on {(disk.Parent is null ? "" : store.Layer(disk.Parent).Name)}: {await ContentAsync(device)}");
        }

        foreach (LayerInfo layer in store.Layers)
        {
            await using LayeredDevice device = store.OpenLayer(layer.Id);
            lines.Add($"layer {layer.Name}: {await ContentAsync(device)}");
        }

        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    private static async Task<string> ContentAsync(LayeredDevice device) =>
        $"{device.Length} bytes {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(await device.ReadAsync(0, (int)device.Length)))[..12]}";
}
