using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Hosting.Events;

/// <summary><c>/events</c>: reads wait for what happens after the open; <c>since N</c> written to the fid starts after number N.</summary>
internal sealed class JournalFile : TreeFile
{
    private readonly EventJournal _journal;
    private readonly StateStore _store;

    public JournalFile(EventJournal journal, StateStore store)
        : base(QidType.File, UnixMode.Octal(666)) => (_journal, _store) = (journal, store);

    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new JournalOpen(this, _store, caller, _journal.Last));
}
