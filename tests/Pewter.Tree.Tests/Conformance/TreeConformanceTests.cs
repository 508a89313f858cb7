using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Testing.Conformance;

namespace Pewter.Tree.Tests;

public sealed class TreeConformanceTests
{
    [Fact]
    public async Task The_sample_service_holds_to_the_contract()
    {
        await using var service = new LampService(TimeProvider.System);
        service.Add(Callers.Ann, "desk").Tags.Add("warm");
        service.Break(service.Add(Callers.Bob), 3);
        await TreeConformance.CheckAsync(service.Root);
    }

    [Fact]
    public async Task A_union_over_peers_holds_to_the_contract()
    {
        await using var root = new Site();
        await using var peer = new Site();
        await root.JoinAsync("b", peer);
        root.Service.Add(Callers.Ann, "desk");
        peer.Service.Add(Callers.Ann, "hall").Tags.Add("warm");
        await TreeConformance.CheckAsync(root.Service.Root, "/lamp", new() { Depth = 4, EntriesPerDirectory = 14 });
    }

    [Fact]
    public async Task Streams_settings_and_documents_hold_to_the_contract()
    {
        var (value, text) = ("5", Array.Empty<byte>());
        var root = new TreeDirectory()
            .Add("stdout", new StreamFile(new ByteStream()))
            .Add("knob", new SettingFile(() => value, (next, _, _) =>
            {
                value = next;
                return ValueTask.CompletedTask;
            }))
            .Add("args", new DocumentFile(() => text, (next, _) => text = next.ToArray()))
            .Add("link", new SymlinkFile("knob"))
            .Add("json", new JsonFile(json => json.WriteNumberValue(1)));
        await TreeConformance.CheckAsync(root);
    }

    [Fact]
    public async Task The_kit_complains_of_a_file_that_breaks_the_rules()
    {
        var failure = await Assert.ThrowsAsync<TreeConformanceException>(
            async () => await TreeConformance.CheckAsync(new TreeDirectory().Add("json", new TextFile(() => "not json")).Add("ctl", new Broken())));
        Assert.Contains(failure.Complaints, complaint => complaint.StartsWith("/json: is no JSON", StringComparison.Ordinal));
        Assert.Contains(failure.Complaints, complaint => complaint.Contains("a cancelled read goes on", StringComparison.Ordinal)
            || complaint.Contains("unknown command", StringComparison.Ordinal));
    }

    private sealed class Broken() : TreeFile(QidType.File, UnixMode.Octal(666))
    {
        protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
            new(new BrokenOpen(this));
    }

    private sealed class BrokenOpen(ServedFile file) : TreeOpen(file)
    {
        public override ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation) => new(0);

        public override ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation) => new(data.Length);
    }
}
