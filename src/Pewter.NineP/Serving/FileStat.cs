namespace Pewter.NineP.Serving;

/// <summary>What <c>Tgetattr</c> and <c>Tstat</c> tell of a file.</summary>
/// <remarks>Streams, ctl and other synthetic files report <see cref="Size"/> 0: Linux 6.12 reads an over-reported size for ever.</remarks>
public readonly record struct FileStat
{
    /// <summary>The file's qid.</summary>
    public required Qid Qid { get; init; }

    /// <summary>File type and permission bits as in <c>st_mode</c>.</summary>
    public required uint Mode { get; init; }

    /// <summary>Owner's number.</summary>
    public uint Uid { get; init; }

    /// <summary>Group's number.</summary>
    public uint Gid { get; init; }

    /// <summary>Owner's name, for 9P2000 and people.</summary>
    public string User { get; init; }

    /// <summary>Group's name, for 9P2000 and people.</summary>
    public string Group { get; init; }

    /// <summary>Exact length in bytes, or 0 when it is not known to be exact.</summary>
    public ulong Size { get; init; }

    /// <summary>Links to the file.</summary>
    public uint LinkCount { get; init; }

    /// <summary>Last change of the content.</summary>
    public DateTimeOffset ModifiedAt { get; init; }
}
