using System.Text;

namespace Pewter.Linux.Spawning;

/// <summary>Says why an exec failed. The kernel answers ENOENT both for a missing program and for a missing interpreter of one.</summary>
internal static class ExecFailure
{
    internal static string Describe(string path, int errno) => errno switch
    {
        LinuxErrno.ENOENT when Interpreter(path) is { } interpreter => $"run {path}: its interpreter {interpreter} is missing",
        LinuxErrno.ENOENT when File.Exists(path) => $"run {path}: its dynamic loader is missing",
        LinuxErrno.ENOENT => $"run {path}: there is no such program",
        LinuxErrno.EACCES when Directory.Exists(path) => $"run {path}: it is a directory",
        LinuxErrno.EACCES when Interpreter(path) is { } interpreter => $"run {path}: it or its interpreter {interpreter} is not executable",
        LinuxErrno.EACCES => $"run {path}: it is not executable by this user",
        LinuxErrno.ENOEXEC => $"run {path}: it is neither an ELF program nor a script that begins with #!",
        LinuxErrno.E2BIG => $"run {path}: the arguments and environment are too long",
        _ => $"run {path}",
    };

    private static string? Interpreter(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            Span<byte> start = stackalloc byte[256];
            start = start[..RandomAccess.Read(file, start, 0)];
            if (!start.StartsWith("#!"u8))
            {
                return null;
            }

            var end = start.IndexOf((byte)'\n');
            var line = Encoding.UTF8.GetString(end < 0 ? start[2..] : start[2..end]).Trim();
            return line.Split(' ', '\t')[0];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
