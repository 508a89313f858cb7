using Npgsql;

namespace Pewter.Store.Postgres;

/// <summary>Turns Npgsql's exceptions into errno and sentence (PostgreSQL documentation, appendix A, SQLSTATE).</summary>
internal static class PostgresFailures
{
    public static StoreException Create(NpgsqlException failure)
    {
        if (failure is not PostgresException refused)
            return new(StoreErrno.ECONNRESET, $"PostgreSQL does not answer: {failure.Message}", inner: failure);
        var (errno, advice) = refused.SqlState switch
        {
            "53100" => (StoreErrno.ENOSPC, "Its disk is full; nothing was written. Make room and try again."),
            "25006" => (StoreErrno.EROFS, "It takes no writes; connect to the primary."),
            "42P01" => (StoreErrno.EAGAIN, "No daemon has led on this database yet, so there is nothing to read; wait for one."),
            "42501" or "3D000" or ['2', '8', ..] => (StoreErrno.EACCES, "Look at the connection string and at the role's rights."),
            "57014" or ['5', '3', ..] => (StoreErrno.EAGAIN, "It is overloaded; try again."),
            ['0', '8', ..] or ['5', '7', ..] => (StoreErrno.ECONNRESET, "It ended the connection."),
            _ => (StoreErrno.EIO, "Look into its log."),
        };
        return new(errno, $"PostgreSQL: {refused.MessageText} ({refused.SqlState}). {advice}", inner: failure);
    }

    /// <summary>A failure of COMMIT: when the server said no it is no; when it went silent nobody knows.</summary>
    public static StoreException OfCommit(StoreException failure) => failure.Errno == StoreErrno.ECONNRESET
        ? new(failure.Errno, failure.Message, outcomeUnknown: true, failure)
        : failure;

    public static StoreException Deposed(long term) => new(
        StoreErrno.ESTALE, $"Another daemon took the lead after term {term}, so nothing was written.");
}
