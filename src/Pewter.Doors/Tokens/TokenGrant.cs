using Pewter.NineP.Serving;

namespace Pewter.Doors.Tokens;

/// <summary>What a token allows, and until when. Holds no secret.</summary>
public sealed record TokenGrant
{
    /// <summary>Names the token in lists, logs and revocations.</summary>
    public required string Id { get; init; }

    /// <summary>Whose rights its bearer has.</summary>
    public required string User { get; init; }

    /// <summary>Groups (tenants) that the bearer is in.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>May pass every permission check.</summary>
    public bool IsAdmin { get; init; }

    /// <summary>Every write is refused, whatever the modes say.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The subtree that it is good for, an absolute path; "/" for all.</summary>
    public string PathPrefix { get; init; } = "/";

    /// <summary>What it is for, in its maker's words.</summary>
    public string Note { get; init; } = "";

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ends; every token does.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Its bearer.</summary>
    public Caller ToCaller() => new() { User = User, Groups = Groups, IsAdmin = IsAdmin, MayWrite = !IsReadOnly };
}
