using System.Globalization;

namespace Pewter.Testing.Guests;

/// <summary>The Debian disk of <c>eng/debian-disk.sh</c>, with the agent put in as its service, as a person does it to an image of their own.</summary>
public static class DebianDisk
{
    private const long PartitionOffset = 2048 * 512;

    /// <summary>Makes a copy in a folder, and returns its path.</summary>
    /// <param name="cache">The folder of what is made once for a machine.</param>
    /// <param name="agent">The agent's program.</param>
    /// <param name="folder">Where the copy goes.</param>
    /// <param name="variant">Which of the disks: empty, or <c>-cloud</c>.</param>
    public static async Task<string> WithAgentAsync(string cache, string agent, string folder, string variant = "")
    {
        var (image, mount) = (Path.Combine(folder, "debian.raw"), Path.Combine(folder, "debian.mnt"));
        var result = await Shell.RunAsync(string.Create(CultureInfo.InvariantCulture, $"""
            set -e
            cp --sparse=always {cache}/disks/debian-12{variant}.raw {image}
            mkdir -p {mount}
            mount -o loop,offset={PartitionOffset} {image} {mount}
            trap 'cd /; umount {mount}; rmdir {mount}' EXIT
            {agent} install --root={mount}
            """));
        return result.ExitCode == 0 ? image : throw new InvalidOperationException($"The disk could not be made: {result.Errors}{result.Output}");
    }

    /// <summary>Whether the disk is there.</summary>
    public static bool IsThere(string cache, string variant = "") => File.Exists(Path.Combine(cache, $"disks/debian-12{variant}.raw"));
}
