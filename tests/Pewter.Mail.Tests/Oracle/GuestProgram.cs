using System.Diagnostics;

namespace Pewter.Mail.Tests.Oracle;

/// <summary>A program in C that guests run, made here of a script beside this file; removed when disposed.</summary>
internal sealed class GuestProgram : IDisposable
{
    private GuestProgram(string path) => Path = path;

    internal string Path { get; }

    internal static GuestProgram Compile(string source)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gcc"), "gcc is missing, which makes the guest's program: run 'apt-get install gcc'.");
        var made = new GuestProgram(System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"pw-{source}-{Environment.ProcessId}"));
        using var gcc = Process.Start("gcc", ["-O1", "-static", "-o", made.Path, System.IO.Path.Combine(AppContext.BaseDirectory, "Oracle", source)]);
        gcc.WaitForExit();
        Assert.Equal(0, gcc.ExitCode);
        return made;
    }

    public void Dispose() => File.Delete(Path);
}
