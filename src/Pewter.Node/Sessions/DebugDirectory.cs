using System.Globalization;
using System.Text;
using Pewter.Linux.Processes;
using Pewter.Linux.Tracing;
using Pewter.NineP;
using Pewter.Node.Processes;
using Pewter.Tree;

namespace Pewter.Node.Sessions;

/// <summary>
/// A session's <c>debug/</c>, for its owner: <c>maps mem regs stack threads</c> of the running main process. Reading <c>regs</c> or <c>stack</c>
/// holds the process still for the moment of the read (ptrace).
/// </summary>
internal static class DebugDirectory
{
    private static readonly uint OwnerOnly = UnixMode.Octal(400);

    internal static TreeDirectory Of(NodeProcess process) =>
        new TreeDirectory { Mode = UnixMode.Octal(700) }
            .Add("maps", Text(process, id => File.ReadAllText($"/proc/{id}/maps")))
            .Add("mem", new MemoryFile(process))
            .Add("regs", Text(process, id => ProcessTrace.Inspect(id, trace => trace.ReadRegisters().ToString())))
            .Add("stack", Text(process, Stack))
            .Add("threads", Text(process, Threads));

    /// <summary>The process to look at; ESRCH when none runs.</summary>
    internal static int RunningId(NodeProcess process) => process.Session is { State: ProcessState.Running, Process: { IsOver: false } running }
        ? running.Id
        : throw new FileException(Errno.ESRCH, "No process runs in this session.");

    private static TextFile Text(NodeProcess process, Func<int, string> read) =>
        new((_, _) => new(LinuxFailure.Guard(() => Read(RunningId(process), read)))) { Mode = OwnerOnly };

    private static string Read(int id, Func<int, string> read)
    {
        try
        {
            return read(id);
        }
        catch (IOException)
        {
            throw new FileException(Errno.ESRCH, "The process has just ended.");
        }
    }

    // The innermost frame first, each with the mapping it lies in: names of functions are for a debugger that has the symbols.
    private static string Stack(int id)
    {
        var frames = ProcessTrace.Inspect(id, trace => trace.WalkStack());
        var maps = MemoryMapping.Read(id);
        var text = new StringBuilder();
        foreach (var (address, depth) in frames.Select((address, depth) => (address, depth)))
        {
            text.Append(CultureInfo.InvariantCulture, $"#{depth} 0x{address:x16} {MemoryMapping.Describe(maps, address)}\n");
        }

        return text.ToString();
    }

    private static string Threads(int id)
    {
        var text = new StringBuilder();
        foreach (var task in Directory.EnumerateDirectories($"/proc/{id}/task"))
        {
            var stat = ProcessStat.Parse(File.ReadAllText($"{task}/stat"));
            var times = $"user={stat.UserTicks * 10}ms system={stat.SystemTicks * 10}ms";
            text.Append(CultureInfo.InvariantCulture, $"{stat.Id} state={stat.State} {times} {stat.Name}\n");
        }

        return text.ToString();
    }
}
