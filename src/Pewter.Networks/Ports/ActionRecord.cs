using Pewter.Tree;

namespace Pewter.Networks.Ports;

/// <summary>A change of a port that was accepted: it will end as done or as error. Immutable.</summary>
internal sealed record ActionRecord
{
    public const string Prefix = "a";
    public const string Connect = "connect";
    public const string Disconnect = "disconnect";
    public const string Pending = "pending";
    public const string Done = "done";
    public const string Error = "error";

    public required long Number { get; init; }

    public required Owner Owner { get; init; }

    /// <summary><see cref="Connect"/> or <see cref="Disconnect"/>.</summary>
    public required string Type { get; init; }

    public required long Network { get; init; }

    /// <summary>The port as it is to be.</summary>
    public required PortRecord Port { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>Whether it is done even where the switch does not answer.</summary>
    public bool IsForced { get; init; }

    public string State { get; init; } = Pending;

    public string? Failure { get; init; }

    public DateTimeOffset? Ended { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public string Id => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Prefix}{Number}");
}
