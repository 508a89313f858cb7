using System.Text;
using Pewter.Linux.Mounts;
using Pewter.Linux.Spawning;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Node.Sessions;

/// <summary>
/// The file <c>ns</c>, one operation a line: <c>bind SOURCE TARGET [ro]</c>, <c>tmpfs TARGET [SIZE]</c>. They are made in a mount namespace
/// of the program's own, in order. XCPU2 ran such a script as root with any mount; here the operations are a closed list.
/// </summary>
internal static class NamespaceScript
{
    private const MountFlags Safe = MountFlags.NoSetUser | MountFlags.NoDevices;

    /// <summary>Reads the mounts; EINVAL for a line that is none.</summary>
    internal static IReadOnlyList<SpawnMount> Parse(ReadOnlyMemory<byte> content)
    {
        var mounts = new List<SpawnMount>();
        foreach (var line in Encoding.UTF8.GetString(content.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = RcQuoting.Split(line);
            switch (words)
            {
                case []:
                    break;
                case ["bind", var source, var target] when IsPath(source) && IsPath(target):
                    mounts.Add(new SpawnMount(source, target, null, MountFlags.Bind));
                    break;
                case ["bind", var source, var target, "ro"] when IsPath(source) && IsPath(target):
                    mounts.Add(new SpawnMount(source, target, null, MountFlags.Bind));
                    mounts.Add(new SpawnMount("none", target, null, MountFlags.Bind | MountFlags.Remount | MountFlags.ReadOnly));
                    break;
                case ["tmpfs", var target] when IsPath(target):
                    mounts.Add(new SpawnMount("tmpfs", target, "tmpfs", Safe));
                    break;
                case ["tmpfs", var target, var size] when IsPath(target) && Quantity.TryParseSize(size, out var bytes):
                    mounts.Add(new SpawnMount("tmpfs", target, "tmpfs", Safe, $"size={bytes}"));
                    break;
                default:
                    throw new FileException(Errno.EINVAL, $"ns: '{line}' is neither bind SOURCE TARGET [ro] nor tmpfs TARGET [SIZE].");
            }
        }

        return mounts;
    }

    private static bool IsPath(string text) => text.StartsWith('/');
}
