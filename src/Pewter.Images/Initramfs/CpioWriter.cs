using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Pewter.Images.Initramfs;

/// <summary>
/// Writes the "newc" cpio archive that Linux unpacks as its initramfs (Documentation/driver-api/early-userspace/buffer-format.rst). Parents
/// are added once by themselves, owners are root and times are zero, so equal content gives equal bytes. Not for use by two threads.
/// </summary>
public sealed class CpioWriter
{
    private const uint DirectoryType = 0x4000;
    private const uint FileType = 0x8000;
    private const uint SymlinkType = 0xA000;
    private const uint CharacterDeviceType = 0x2000;

    private readonly Stream _output;
    private readonly HashSet<string> _directories = [];
    private uint _inode;
    private long _position;

    /// <summary>Starts an archive on a stream that stays the caller's.</summary>
    public CpioWriter(Stream output) => _output = output;

    /// <summary>Adds a directory and its parents; one that is there already stays as it is.</summary>
    /// <param name="path">Absolute or relative path in the archive.</param>
    /// <param name="permissions">Permission bits.</param>
    public void AddDirectory(string path, uint permissions = 0x1ED)
    {
        var name = Normalise(path);
        if (name.Length == 0 || !_directories.Add(name)) return;
        AddParents(name);
        WriteEntry(name, DirectoryType | permissions, [], 0, 0);
    }

    /// <summary>Adds a plain file.</summary>
    /// <param name="path">Path in the archive.</param>
    /// <param name="content">The bytes, less than 4 GiB.</param>
    /// <param name="permissions">Permission bits.</param>
    public void AddFile(string path, ReadOnlySpan<byte> content, uint permissions = 0x1A4)
    {
        var name = Normalise(path);
        AddParents(name);
        WriteEntry(name, FileType | permissions, content, 0, 0);
    }

    /// <summary>Adds a symbolic link.</summary>
    public void AddSymlink(string path, string target)
    {
        var name = Normalise(path);
        AddParents(name);
        WriteEntry(name, SymlinkType | 0x1FF, Encoding.UTF8.GetBytes(target), 0, 0);
    }

    /// <summary>Adds a character device, such as <c>/dev/console</c> 5:1, which the kernel opens for PID 1 before any mount.</summary>
    public void AddCharacterDevice(string path, uint major, uint minor, uint permissions = 0x180)
    {
        var name = Normalise(path);
        AddParents(name);
        WriteEntry(name, CharacterDeviceType | permissions, [], major, minor);
    }

    /// <summary>Ends the archive with its trailer.</summary>
    public void Complete() => WriteEntry("TRAILER!!!", 0, [], 0, 0);

    private static string Normalise(string path)
    {
        var name = path.Trim('/');
        if (name.Split('/').Any(part => part is "." or ".."))
            throw new ArgumentException($"A path in an initramfs holds no '.' or '..': '{path}'.", nameof(path));
        return name;
    }

    private void AddParents(string name)
    {
        var slash = name.LastIndexOf('/');
        if (slash > 0) AddDirectory(name[..slash]);
    }

    private void WriteEntry(string name, uint mode, ReadOnlySpan<byte> content, uint major, uint minor)
    {
        var nameBytes = Encoding.UTF8.GetBytes(name);
        Span<byte> header = stackalloc byte[110];
        "070701"u8.CopyTo(header);
        ReadOnlySpan<uint> fields =
        [
            mode == 0 ? 0 : ++_inode, mode, 0, 0, 1, 0, (uint)content.Length, 0, 0, major, minor, (uint)nameBytes.Length + 1, 0,
        ];
        for (var i = 0; i < fields.Length; i++)
            Utf8Formatter.TryFormat(fields[i], header[(6 + 8 * i)..], out _, Hex8);
        Write(header);
        Write(nameBytes);
        Write([0]);
        Pad();
        Write(content);
        Pad();
    }

    private static readonly StandardFormat Hex8 = new('X', 8);

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _output.Write(bytes);
        _position += bytes.Length;
    }

    private void Pad()
    {
        ReadOnlySpan<byte> zeroes = [0, 0, 0];
        Write(zeroes[..(int)(-_position & 3)]);
    }
}
