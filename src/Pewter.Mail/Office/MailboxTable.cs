using Pewter.Linux;
using Pewter.Linux.Machine;

namespace Pewter.Mail;

/// <summary>
/// The mailboxes of a process by their ports: 20 bits of a port are a place here, 12 count the lives of the place from
/// a random start, so that an old address finds
/// nobody. Looking up takes no lock.
/// </summary>
internal sealed class MailboxTable(int most)
{
    private const int IndexBits = 20;
    private const uint IndexMask = (1u << IndexBits) - 1;

    private readonly Lock _lock = new();
    private readonly Stack<uint> _free = new();
    private readonly uint _salt = (uint)(EntropyPool.Number() % ((1 << 12) - 1)) + 1;
    private volatile Mailbox?[] _boxes = new Mailbox?[16];
    private ushort[] _lives = new ushort[16];
    private uint _used;

    internal int Count { get; private set; }

    internal IEnumerable<Mailbox> All => _boxes.OfType<Mailbox>();

    internal Mailbox? Find(uint port)
    {
        var boxes = _boxes;
        var index = port & IndexMask;
        return index < boxes.Length && boxes[index] is { } box && box.Address.Port == port ? box : null;
    }

    /// <summary>Adds what the delegate makes for a new port.</summary>
    internal Mailbox Add(Func<uint, Mailbox> make)
    {
        lock (_lock)
        {
            if (Count >= Math.Min(most, 1 << IndexBits))
            {
                throw new MailException(
                    LinuxErrno.ENOSPC, $"There are {Count} mailboxes in this process, and that is the limit (MailboxesMax): close some.");
            }

            // The longest free place is taken first, so that the lives of a place last long.
            var index = _free.Count > 1024 || (_used >= IndexMask && _free.Count > 0) ? _free.Pop() : _used++;
            if (index >= _boxes.Length)
            {
                var larger = new Mailbox?[_boxes.Length * 2];
                _boxes.CopyTo(larger, 0);
                Array.Resize(ref _lives, larger.Length);
                _boxes = larger;
            }

            var life = (_salt + _lives[index]++) & 0xfff;
            var box = make((life << IndexBits) | index);
            Volatile.Write(ref _boxes[index], box);
            Count++;
            return box;
        }
    }

    internal void Remove(Mailbox box)
    {
        lock (_lock)
        {
            var index = box.Address.Port & IndexMask;
            if (_boxes[index] == box)
            {
                _boxes[index] = null;
                _free.Push(index);
                Count--;
            }
        }
    }
}
