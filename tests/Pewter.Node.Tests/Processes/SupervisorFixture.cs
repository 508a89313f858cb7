using System.Text;
using Pewter.Node.Processes;

namespace Pewter.Node.Tests.Processes;

/// <summary>A supervisor with a state directory and cgroup of its own, both gone afterwards.</summary>
public sealed class SupervisorFixture : IAsyncDisposable
{
    private static int _count;

    public SupervisorFixture(Func<SupervisorOptions, SupervisorOptions>? change = null)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("pw-node-").FullName;
        var options = new SupervisorOptions
        {
            StateDirectory = Directory,
            CgroupName = Environment.IsPrivilegedProcess ? $"pw-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}" : null,
            DrainTimeout = TimeSpan.FromMilliseconds(300),
        };
        Options = change?.Invoke(options) ?? options;
        Supervisor = ProcessSupervisor.Open(Options, TimeProvider.System);
    }

    public string Directory { get; }

    public SupervisorOptions Options { get; }

    public ProcessSupervisor Supervisor { get; private set; }

    /// <summary>Lets the supervisor go as a dying agent would, and opens another on its state.</summary>
    public void Reopen()
    {
        Supervisor.Dispose();
        Supervisor = ProcessSupervisor.Open(Options, TimeProvider.System);
    }

    public ProcessSession Start(string script, Func<ProcessSpec, ProcessSpec>? change = null)
    {
        var session = Supervisor.Create();
        var spec = new ProcessSpec { Arguments = ["/bin/sh", "-c", script], Environment = ["PATH=/usr/bin:/bin"] };
        session.Start(change?.Invoke(spec) ?? spec);
        return session;
    }

    public static async Task<string> ReadAllAsync(OutputLog log)
    {
        using var reader = log.Attach();
        var text = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await reader.ReadAsync(buffer, Token) is > 0 and var count)
        {
            text.Write(buffer, 0, count);
        }

        return Encoding.UTF8.GetString(text.ToArray());
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await Supervisor.StopAllAsync(TimeSpan.Zero, CancellationToken.None);
        Supervisor.Dispose();
        System.IO.Directory.Delete(Directory, true);
        Assert.False(System.IO.Directory.Exists($"/sys/fs/cgroup/unified/{Options.CgroupName}"), "the cgroup is left behind");
    }
}
