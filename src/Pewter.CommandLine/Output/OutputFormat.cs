namespace Pewter.CommandLine.Output;

/// <summary>How data is printed.</summary>
public enum OutputFormat
{
    /// <summary>Columns for people.</summary>
    Table,

    /// <summary>JSON; one object a line where it is a stream.</summary>
    Json,

    /// <summary>YAML; one document an object where it is a stream.</summary>
    Yaml,

    /// <summary>Only the names, one a line, for other programs' arguments.</summary>
    Name,
}
