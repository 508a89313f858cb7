using Pewter.NineP.Serving;
using Pewter.Node.Processes;
using Pewter.Node.Tests.Processes;
using Pewter.Tree;

namespace Pewter.Node.Tests.Sessions;

/// <summary>A node's tree in this process, spoken to as doors do.</summary>
public sealed class NodeFixture : IAsyncDisposable
{
    private readonly SupervisorFixture _supervisor;

    public NodeFixture(Func<SupervisorOptions, SupervisorOptions>? change = null)
    {
        _supervisor = new SupervisorFixture(change);
        Open();
    }

    public NodeTree Node { get; private set; } = null!;

    public TreeClient Admin { get; private set; } = null!;

    public ProcessSupervisor Supervisor => _supervisor.Supervisor;

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public TreeClient As(string user, uint uid) => new(Node.Root, new Caller { User = user, Uid = uid, Gid = uid });

    /// <summary>Makes a session that stays, and gives its directory.</summary>
    public async Task<string> CloneAsync(TreeClient? client = null)
    {
        await using var ctl = await (client ?? Admin).OpenAsync("/proc/clone", OpenFlags.ReadWrite, Token);
        var id = (await ctl.ReadTextAsync(Token)).Trim();
        await ctl.WriteTextAsync("type persistent\n", Token);
        return $"/proc/{id}";
    }

    /// <summary>Runs a shell script in a session that stays.</summary>
    public async Task<string> RunAsync(string script, params string[] before)
    {
        var session = await CloneAsync();
        await CommandAsync(session, [.. before, $"exec /bin/sh -c {RcQuoting.Quote(script)}"]);
        return session;
    }

    public async Task CommandAsync(string session, params string[] lines)
    {
        await using var ctl = await Admin.OpenAsync($"{session}/ctl", OpenFlags.WriteOnly, Token);
        foreach (var line in lines)
        {
            await ctl.WriteTextAsync(line + "\n", Token);
        }
    }

    public async Task<string> ReadAsync(string path, TreeClient? client = null)
    {
        await using var file = await (client ?? Admin).OpenAsync(path, OpenFlags.ReadOnly, Token);
        return System.Text.Encoding.UTF8.GetString(await file.ReadToEndAsync(Token));
    }

    public async Task WriteAsync(string path, string text)
    {
        await using var file = await Admin.OpenAsync(path, OpenFlags.WriteOnly, Token);
        await file.WriteTextAsync(text, Token);
    }

    public async Task TruncateAsync(string path) =>
        await (await Admin.WalkAsync(path, Token)).ChangeStatAsync(new StatChange { Size = 0 }, Caller.System, Token);

    public async Task ReopenAsync()
    {
        await Node.DisposeAsync();
        _supervisor.Reopen();
        Open();
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await _supervisor.DisposeAsync();
    }

    private void Open()
    {
        Node = new NodeTree(Supervisor, new NodeTreeOptions(), TimeProvider.System);
        Admin = new TreeClient(Node.Root, Caller.System);
    }
}
