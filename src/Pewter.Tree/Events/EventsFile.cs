using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// The <c>events</c> of a directory: reads wait for the next lines, starting with what happens after the open; <c>since N</c> written to the
/// fid starts after number N instead (0: with the oldest kept).
/// </summary>
public sealed class EventsFile : TreeFile
{
    private readonly EventLog _log;
    private readonly long? _subject;
    private readonly Func<Func<long, bool>>? _members;

    /// <summary>All events of a log.</summary>
    public EventsFile(EventLog log)
        : this(log, null, null)
    {
    }

    /// <summary>The events of a log about one object, or about a set of objects that is taken at each open.</summary>
    internal EventsFile(EventLog log, long? subject, Func<Func<long, bool>>? members)
        : base(QidType.File, UnixMode.Octal(666)) => (_log, _subject, _members) = (log, subject, members);

    /// <inheritdoc/>
    internal override bool WritesOnlyToFid => true;

    /// <inheritdoc/>
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        var isMember = _members?.Invoke();
        return new(new EventsOpen(this, _log, scope => IsVisible(scope, caller, isMember)));
    }

    private bool IsVisible(EventScope scope, Caller caller, Func<long, bool>? isMember) =>
        (_subject is null || scope.Subject == _subject)
        && (isMember is null || isMember(scope.Subject))
        && (scope.Owner is null || AccessPolicy.Allows(caller, scope.Owner, scope.Mode, AccessRights.Read));
}
