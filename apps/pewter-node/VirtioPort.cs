namespace Pewter.Apps.Node;

/// <summary>Finds a virtio-serial port by the name that its machine gave it; there is no udev in a small image to make links.</summary>
internal static class VirtioPort
{
    /// <summary>The device of the port; null while the driver has not found it, or there is none.</summary>
    internal static string? Find(string name)
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
