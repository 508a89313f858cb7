using System.Runtime.InteropServices;
using System.Text;

namespace Pewter.Linux.Spawning;

/// <summary>Native memory for one spawn: strings, pointer arrays and structures that the child reads. Freed whole.</summary>
internal sealed unsafe class SpawnArena : IDisposable
{
    private const int BlockSize = 16 * 1024;

    private readonly List<nint> _blocks = [];
    private byte* _free;
    private int _left;

    internal T* Allocate<T>(int count = 1)
        where T : unmanaged => (T*)Take(count * sizeof(T));

    /// <summary>Copies a string with a terminating NUL.</summary>
    internal byte* Text(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var target = Take(length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(target, length));
        target[length] = 0;
        return target;
    }

    /// <summary>Copies strings as a NULL-terminated array.</summary>
    internal byte** Texts(IReadOnlyList<string> texts)
    {
        var array = (byte**)Take((texts.Count + 1) * sizeof(byte*));
        for (var i = 0; i < texts.Count; i++)
        {
            array[i] = Text(texts[i]);
        }

        array[texts.Count] = null;
        return array;
    }

    public void Dispose()
    {
        foreach (var block in _blocks)
        {
            NativeMemory.Free((void*)block);
        }

        _blocks.Clear();
    }

    private byte* Take(int size)
    {
        size = (size + 15) & ~15;
        if (size > _left)
        {
            var length = Math.Max(size, BlockSize);
            _free = (byte*)NativeMemory.AllocZeroed((nuint)length);
            _left = length;
            _blocks.Add((nint)_free);
        }

        var start = _free;
        _free += size;
        _left -= size;
        return start;
    }
}
