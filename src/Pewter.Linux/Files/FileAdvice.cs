namespace Pewter.Linux.Files;

/// <summary>What <see cref="FileCalls.Advise"/> tells the kernel of a range.</summary>
public enum FileAdvice
{
    /// <summary>It will be read soon: start reading it into the page cache.</summary>
    WillNeed = 3,

    /// <summary>It will not be read soon: clean pages may leave the page cache.</summary>
    DontNeed = 4,
}
