using Pewter.Bmc;
using Pewter.NineP;

namespace Pewter.Machines.Metal;

/// <summary>
/// Users and passwords of controllers: a file each that only the daemon's user can read, beside the store, so that they are in no journal, event,
/// log or listing.
/// </summary>
internal sealed class MetalSecrets(string directory)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Keeps a secret: <c>USER:PASSWORD</c>, or a password where the address has the user. Durable when this returns.</summary>
    public void Keep(MetalRecord machine, string text)
    {
        var line = text.TrimEnd('\n', '\r');
        if (line.Length == 0 || line.Contains('\n', StringComparison.Ordinal))
            throw new FileException(Errno.EINVAL, "A secret is one line: USER:PASSWORD, or the password alone where the address names the user.");
        Split(machine, line);
        var (path, next) = (PathOf(machine), PathOf(machine) + ".new");
        File.Delete(next);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        using (var file = new FileStream(next, options))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(line));
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }

    public void Forget(MetalRecord machine) => File.Delete(PathOf(machine));

    /// <summary>The credentials for a machine's controller. EACCES when none were set.</summary>
    public BmcCredentials For(MetalRecord machine)
    {
        try
        {
            return Split(machine, File.ReadAllText(PathOf(machine)));
        }
        catch (FileNotFoundException)
        {
            throw new FileException(
                Errno.EACCES, $"{machine.Name}: no secret for its BMC was set; write USER:PASSWORD to /metal/{machine.Id}/secret.");
        }
    }

    private static BmcCredentials Split(MetalRecord machine, string line)
    {
        if (BmcAddress.TryParse(machine.Bmc, out _)?.User is { } user)
            return new BmcCredentials(user, line);
        return line.Split(':', 2) is [{ Length: > 0 } name, var password]
            ? new BmcCredentials(name, password)
            : throw new FileException(Errno.EINVAL, "A secret is USER:PASSWORD, since the address of the BMC names no user.");
    }

    private string PathOf(MetalRecord machine) => Path.Join(directory, $"{machine.Id}.secret");
}
