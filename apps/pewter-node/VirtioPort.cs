namespace Pewter.Apps.Node;

/// <summary>Finds a virtio-serial port by the name that its machine gave it; there is no udev in a small image to make links.</summary>
internal static class VirtioPort
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>The device of the port, waiting until the driver has found it.</summary>
    internal static async Task<string> FindAsync(string name, TimeProvider time, CancellationToken cancellation)
    {
        while (true)
        {
            if (Find(name) is { } device)
            {
                return device;
            }

            await Task.Delay(Pause, time, cancellation);
        }
    }

    private static string? Find(string name)
    {
        const string Class = "/sys/class/virtio-ports";
        if (!Directory.Exists(Class))
        {
            return null;
        }

        foreach (var port in Directory.EnumerateDirectories(Class))
        {
            if (File.Exists($"{port}/name") && File.ReadAllText($"{port}/name").Trim() == name)
            {
                return $"/dev/{Path.GetFileName(port)}";
            }
        }

        return null;
    }
}
