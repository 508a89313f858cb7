namespace Pewter.Store;

/// <summary>The sentences of failures that have nothing to do with a backend.</summary>
internal static class Failures
{
    public static StoreException StandsBy() => new(
        StoreErrno.EROFS, "This daemon stands by and may not change anything; ask the one that leads, or wait until this one does.");

    public static StoreException LostLead(StoreException cause) => new(
        cause.OutcomeUnknown || cause.Errno == StoreErrno.EIO ? cause.Errno : StoreErrno.ESTALE,
        $"This daemon may not change anything any more, because: {cause.Message} Restart it to read what is really there.", inner: cause);

    public static StoreException Closed() => new(StoreErrno.ESHUTDOWN, "The store is closed.");

    public static StoreException TooLarge(string what) => new(StoreErrno.E2BIG, what);

    public static StoreException Compacted(long since, long floor) => new(
        StoreErrno.ENODATA, $"The events after {since} are kept only from {floor} on; read the state anew and resume from {floor - 1}.");

    public static StoreException NewerSchema(string what, long found, long known) => new(
        StoreErrno.EPROTO,
        $"{what} has schema {found}, but this version knows schemas up to {known} and would damage it; run the newer version.");
}
