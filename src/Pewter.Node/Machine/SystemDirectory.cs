using System.Globalization;
using System.Runtime.InteropServices;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Node.Machine;

/// <summary>The agent's <c>/sys</c>: what kind of machine this is. A value a file; <c>labels</c> can be written and is kept.</summary>
internal static class SystemDirectory
{
    internal static TreeDirectory Create(string labelsPath, string version, TimeProvider time) => new TreeDirectory()
        .Add("os", new TextFile(() => "linux"))
        .Add("arch", new TextFile(() => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? "x86_64" : "aarch64"))
        .Add("kernel", new TextFile(() => File.ReadAllText("/proc/sys/kernel/osrelease").Trim()))
        .Add("hostname", new TextFile(() => File.ReadAllText("/proc/sys/kernel/hostname").Trim()))
        .Add("cpus", new TextFile(() => Text(Environment.ProcessorCount)))
        .Add("mem", new TextFile(() => Text(MachineFacts.MemoryBytes("MemTotal"))))
        .Add("mem_available", new TextFile(() => Text(MachineFacts.MemoryBytes("MemAvailable"))))
        .Add("load", new TextFile(() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3])))
        .Add("uptime", new TextFile(() => File.ReadAllText("/proc/uptime").Split(' ')[0]))
        .Add("boot", new TextFile(() => Processes.BootIdentity.Current))
        .Add("time", new TextFile(() => time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)))
        .Add("agent", new TextFile(() => string.Create(CultureInfo.InvariantCulture, $"version={version} pid={Environment.ProcessId}")))
        .Add("labels", new SettingFile(
            () => File.Exists(labelsPath) ? File.ReadAllText(labelsPath).Trim() : "",
            async (value, _, cancellation) =>
            {
                if (value.Contains('\n', StringComparison.Ordinal))
                {
                    throw new FileException(Errno.EINVAL, "labels: one line of words and key=value pairs.");
                }

                await File.WriteAllTextAsync(labelsPath + ".new", value + "\n", cancellation);
                File.Move(labelsPath + ".new", labelsPath, overwrite: true);
            })
        { Mode = UnixMode.Octal(644) });

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
