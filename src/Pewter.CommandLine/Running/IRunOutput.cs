namespace Pewter.CommandLine.Running;

/// <summary>What is done with the lines of a group.</summary>
internal interface IRunOutput : IDisposable
{
    /// <summary>A line of a process.</summary>
    /// <param name="index">The process.</param>
    /// <param name="isError">Whether it is of its stderr.</param>
    /// <param name="line">The line, without its end.</param>
    /// <param name="cancellation">Gives up.</param>
    ValueTask LineAsync(int index, bool isError, string line, CancellationToken cancellation);

    /// <summary>All is said.</summary>
    ValueTask EndAsync(CancellationToken cancellation);
}
