using System.Text;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>Text made at each open. A missing final newline is added.</summary>
public sealed class TextFile : ContentFile
{
    private readonly Func<Caller, CancellationToken, ValueTask<string>> _text;

    /// <summary>Text that is at hand.</summary>
    public TextFile(Func<string> text)
        : this((_, _) => new(text()))
    {
    }

    /// <summary>Text that depends on who asks, or that has to be waited for.</summary>
    public TextFile(Func<Caller, CancellationToken, ValueTask<string>> text) => _text = text;

    /// <inheritdoc/>
    protected override async ValueTask<ReadOnlyMemory<byte>> RenderAsync(Caller caller, CancellationToken cancellation)
    {
        var text = await _text(caller, cancellation);
        return Encoding.UTF8.GetBytes(text.Length == 0 || text[^1] == '\n' ? text : text + "\n");
    }
}
