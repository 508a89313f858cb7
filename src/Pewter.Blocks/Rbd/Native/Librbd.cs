using System.Runtime.InteropServices;

namespace Pewter.Blocks.Rbd.Native;

/// <summary>
/// The part of librbd (Ceph 16 and later) that a block device needs. Functions return 0 or more, or a negative errno.
/// </summary>
internal static unsafe partial class Librbd
{
    /// <summary>Zeroes stay allocated.</summary>
    public const int ThickProvision = 1;

    private const string Library = "librbd.so.1";

    [LibraryImport(Library, EntryPoint = "rbd_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Create(nint pool, string name, ulong size, ref int order);

    [LibraryImport(Library, EntryPoint = "rbd_clone", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Clone(
        nint parentPool, string parent, string snapshot, nint pool, string name, ulong features, ref int order);

    [LibraryImport(Library, EntryPoint = "rbd_remove", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Remove(nint pool, string name);

    [LibraryImport(Library, EntryPoint = "rbd_list")]
    public static partial int List(nint pool, byte* names, ref nuint size);

    [LibraryImport(Library, EntryPoint = "rbd_open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(nint pool, string name, out nint image, string? snapshot);

    [LibraryImport(Library, EntryPoint = "rbd_open_read_only", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenReadOnly(nint pool, string name, out nint image, string? snapshot);

    [LibraryImport(Library, EntryPoint = "rbd_close")]
    public static partial int Close(nint image);

    [LibraryImport(Library, EntryPoint = "rbd_get_size")]
    public static partial int GetSize(nint image, out ulong size);

    [LibraryImport(Library, EntryPoint = "rbd_get_features")]
    public static partial int GetFeatures(nint image, out ulong features);

    [LibraryImport(Library, EntryPoint = "rbd_resize")]
    public static partial int Resize(nint image, ulong size);

    [LibraryImport(Library, EntryPoint = "rbd_flatten")]
    public static partial int Flatten(nint image);

    [LibraryImport(Library, EntryPoint = "rbd_snap_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateSnapshot(nint image, string name);

    [LibraryImport(Library, EntryPoint = "rbd_snap_remove", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RemoveSnapshot(nint image, string name);

    [LibraryImport(Library, EntryPoint = "rbd_snap_rollback", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RollBack(nint image, string name);

    [LibraryImport(Library, EntryPoint = "rbd_snap_protect", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Protect(nint image, string name);

    [LibraryImport(Library, EntryPoint = "rbd_snap_unprotect", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unprotect(nint image, string name);

    [LibraryImport(Library, EntryPoint = "rbd_diff_iterate2", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int IterateExtents(
        nint image, string? since, ulong offset, ulong length, byte includeParent, byte wholeObject,
        delegate* unmanaged<ulong, nuint, int, nint, int> found, nint argument);

    [LibraryImport(Library, EntryPoint = "rbd_update_watch")]
    public static partial int Watch(nint image, out ulong handle, delegate* unmanaged<nint, void> changed, nint argument);

    [LibraryImport(Library, EntryPoint = "rbd_update_unwatch")]
    public static partial int Unwatch(nint image, ulong handle);

    [LibraryImport(Library, EntryPoint = "rbd_aio_create_completion")]
    public static partial int CreateCompletion(nint argument, delegate* unmanaged<nint, nint, void> done, out nint completion);

    [LibraryImport(Library, EntryPoint = "rbd_aio_get_return_value")]
    public static partial nint GetResult(nint completion);

    [LibraryImport(Library, EntryPoint = "rbd_aio_release")]
    public static partial void Release(nint completion);

    [LibraryImport(Library, EntryPoint = "rbd_aio_read")]
    public static partial int Read(nint image, ulong offset, nuint length, byte* buffer, nint completion);

    [LibraryImport(Library, EntryPoint = "rbd_aio_write")]
    public static partial int Write(nint image, ulong offset, nuint length, byte* data, nint completion);

    [LibraryImport(Library, EntryPoint = "rbd_aio_write_zeroes")]
    public static partial int WriteZeroes(nint image, ulong offset, nuint length, nint completion, int zeroFlags, int flags);

    [LibraryImport(Library, EntryPoint = "rbd_aio_discard")]
    public static partial int Discard(nint image, ulong offset, ulong length, nint completion);

    [LibraryImport(Library, EntryPoint = "rbd_aio_flush")]
    public static partial int Flush(nint image, nint completion);
}
