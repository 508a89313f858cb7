using Pewter.NineP.Serving;

namespace Pewter.NineP.Tests.Sample;

/// <summary>A small tree of every kind of file, and the attach point to it.</summary>
internal sealed class SampleTree : IAttachPoint
{
    public SampleTree()
    {
        Hello = Root.Add("hello", new SampleText("hello, world\n"));
        Stream = Root.Add("stream", new SampleStream());
        Folder = Root.Add("folder", new SampleDirectory());
        Folder.Add("inner", new SampleText("inner\n"));
        Deep = Folder.Add("deep", new SampleDirectory());
        Root.Add("link", new SampleLink("hello"));
        Control.Add("zero", new SampleText(new byte[1 << 20]));
        Control.Add("null", new SampleText(""));
    }

    public SampleDirectory Root { get; } = new();

    /// <summary>What diodload wants of a diod server: endless zeros to read, and a file that swallows what is written.</summary>
    public SampleDirectory Control { get; } = new();

    public SampleText Hello { get; }

    public SampleStream Stream { get; }

    public SampleDirectory Folder { get; }

    public SampleDirectory Deep { get; }

    public AttachRequest? LastAttach { get; private set; }

    public ValueTask<Attachment> AttachAsync(AttachRequest request, CancellationToken cancellation)
    {
        LastAttach = request;
        return request.AccessName switch
        {
            "" or "/" or "root" => new(new Attachment(Root, Caller.System)),
            "ctl" => new(new Attachment(Control, Caller.System)),
            "folder" => new(new Attachment(Folder, Caller.System)),
            "readonly" => new(new Attachment(Root, Caller.System with { MayWrite = false })),
            "forbidden" => throw new FileException(Errno.EACCES, "Not for you."),
            _ => throw new FileException(Errno.ENOENT, "No such tree."),
        };
    }
}
