using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Kernels.Tests;

/// <summary>A tree with one of each kind of file that a kernel's client may stumble over: text, ctl, live stream, collection, big file.</summary>
internal sealed class SampleTree : IAttachPoint, IAsyncDisposable
{
    private readonly TreeDirectory _root = new();

    public SampleTree()
    {
        var kind = new ObjectKind<Item>
        {
            Prefix = "i",
            Fields = new Fields<Item>().Int("value", item => item.Value, indexed: true),
            Commands = new CommandSet<Item>().Add("set <value:int>", "Sets the value.", (item, call) => item.Value = call.Int("value")),
            Create = (created, _) => new(new Item { Number = created.Number }),
            Mode = UnixMode.Octal(755),
        };
        Items = new Collection<Item>(kind, TimeProvider.System);
        var settings = new CommandSet<SampleTree>()
            .Add("set <text>", "Keeps a text.", (tree, call) => tree.Kept = call.Word("text"))
            .Add("fail", "Always fails.", (_, _) => throw new FileException(Errno.EBUSY, "It is busy: try again later."));
        _root.Add("hello", new TextFile(() => "hello from the tree\n"));
        _root.Add("kept", new TextFile(() => Kept + "\n"));
        _root.Add("ctl", CtlFile.For(this, settings));
        _root.Add("live", new StreamFile(Live) { Mode = UnixMode.Octal(444) });
        _root.Add("item", Items);
    }

    public string Kept { get; private set; } = "";

    public ByteStream Live { get; } = new();

    public Collection<Item> Items { get; }

    public ValueTask<Attachment> AttachAsync(AttachRequest request, CancellationToken cancellation) =>
        new(new Attachment(_root, request.Peer ?? Caller.System));

    public ValueTask DisposeAsync() => Items.DisposeAsync();

    public sealed class Item
    {
        public required long Number { get; init; }

        public long Value { get; set; }
    }
}
