using Pewter.Hosting;
using Pewter.Machines.Qemu;
using Pewter.NineP;

namespace Pewter.Machines.Nodes;

/// <summary>Tells what can be expected to fail from bugs, and gives it the one form that files have.</summary>
internal static class NodeFailure
{
    /// <summary>Whether a step may fail so.</summary>
    public static bool IsExpected(Exception exception) => ServiceFailure.IsExpected(exception) || exception is QmpException;

    /// <summary>The failure as a file's.</summary>
    public static FileException From(Exception exception, string what) => exception is QmpException monitor
        ? new FileException(Errno.EIO, $"{what}: {monitor.Message}", monitor) : ServiceFailure.From(exception, what);
}
