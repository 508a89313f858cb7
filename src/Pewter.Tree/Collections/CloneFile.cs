using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// The <c>clone</c> of a collection: each open makes a new object and is an open of that object's ctl, whose first read gives the id. Reading
/// permission is the right to make one, so that <c>id=$(cat clone)</c> works.
/// </summary>
internal sealed class CloneFile<T>(Collection<T> collection) : TreeFile(QidType.File, collection.Kind.CloneMode)
    where T : class
{
    protected override async ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        AccessPolicy.DemandMayWrite(caller);
        var target = await collection.CreateAsync(caller, cancellation);
        return target.Directory.Ctl.Open(caller, target.Id + "\n");
    }
}
