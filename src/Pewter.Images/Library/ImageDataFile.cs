using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Images.Library;

/// <summary><c>/image/ID/data</c> of an image from <c>clone</c>: written at any offset, until <c>import</c> makes the image of it.</summary>
internal sealed class ImageDataFile(ImageLibrary library, Image image) : TreeFile(QidType.File, UnixMode.Octal(200))
{
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new DataOpen(this, caller));

    private ValueTask WriteAsync(ulong offset, ReadOnlyMemory<byte> data, Caller caller, CancellationToken cancellation) =>
        library.WriteDataAsync(image, offset, data, caller, cancellation);

    private sealed class DataOpen(ImageDataFile file, Caller caller) : TreeOpen(file)
    {
        public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            await file.WriteAsync(offset, data, caller, cancellation);
            return data.Length;
        }
    }
}
