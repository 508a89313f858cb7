namespace Pewter.Mail;

/// <summary>
/// A name as a sender keeps it: whom it finds is remembered until names change, and the owners of the name are taken in
/// turn. Safe to share.
/// </summary>
internal sealed class Destination(PostOffice office, MailTarget target)
{
    private volatile Found? _found;
    private int _next = -1;
    private int _nextNear = -1;

    internal MailTarget Target => target;

    /// <summary>Set once the names that it may find are known here.</summary>
    internal Task Known { get; set; } = Task.CompletedTask;

    /// <summary>All owners.</summary>
    internal PortAddress[] Ports => Find().All;

    /// <summary>The owner whose turn it is; false when there is none.</summary>
    internal bool TryNext(bool near, out PortAddress port)
    {
        var found = Find();
        var list = near ? found.Nearest : found.All;
        if (list.Length == 0)
        {
            port = default;
            return false;
        }

        port = list.Length == 1 ? list[0]
            : list[(int)((uint)Interlocked.Increment(ref near ? ref _nextNear : ref _next) % (uint)list.Length)];
        return true;
    }

    private Found Find()
    {
        var found = _found;
        if (found is not null && found.Version == office.Names.Version)
        {
            return found;
        }

        var version = office.Names.Version;
        var all = office.Names.Find(target, office.Address.Node).Select(binding => binding.Port).ToArray();
        var here = all.Where(port => port.IsSameOffice(office.Address)).ToArray();
        var node = all.Where(port => port.Node == office.Address.Node).ToArray();
        return _found = new Found(version, all, here.Length > 0 ? here : node.Length > 0 ? node : all);
    }

    private sealed record Found(long Version, PortAddress[] All, PortAddress[] Nearest);
}
