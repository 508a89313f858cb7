using System.Runtime.InteropServices;

namespace Pewter.Blocks.Rbd.Native;

/// <summary>The part of librados that RBD needs. Functions return 0 or a negative errno.</summary>
internal static partial class Rados
{
    private const string Library = "librados.so.2";

    [LibraryImport(Library, EntryPoint = "rados_create2", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Create(out nint cluster, string name, string user, ulong flags);

    [LibraryImport(Library, EntryPoint = "rados_conf_read_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ReadConfiguration(nint cluster, string path);

    [LibraryImport(Library, EntryPoint = "rados_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetOption(nint cluster, string option, string value);

    [LibraryImport(Library, EntryPoint = "rados_connect")]
    public static partial int Connect(nint cluster);

    [LibraryImport(Library, EntryPoint = "rados_shutdown")]
    public static partial void Shutdown(nint cluster);

    [LibraryImport(Library, EntryPoint = "rados_ioctx_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenPool(nint cluster, string pool, out nint context);

    [LibraryImport(Library, EntryPoint = "rados_ioctx_destroy")]
    public static partial void ClosePool(nint context);
}
