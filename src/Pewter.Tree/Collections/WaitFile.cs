using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// The <c>wait</c> of an object or of a set: a line for each as it becomes terminal, or reaches the state that was written to the fid,
/// and the end
/// when all have.
/// </summary>
internal sealed class WaitFile<T>(Collection<T> collection, Func<IReadOnlyList<TreeObject<T>>> objects)
    : TreeFile(QidType.File, UnixMode.Octal(666))
    where T : class
{
    /// <inheritdoc/>
    internal override bool WritesOnlyToFid => true;

    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new WaitOpen(this, collection.Kind.States!, objects().VisibleTo(caller)));

    private sealed class WaitOpen(WaitFile<T> file, StateModel<T> states, IReadOnlyList<TreeObject<T>> objects)
        : BlockingOpen(file, new Pulse())
    {
        private readonly Queue<ReadOnlyMemory<byte>> _lines = new();
        private readonly List<(TreeObject<T> Target, Watch<T>.Waiter Waiter)> _waiters = [];
        private ReadOnlyMemory<byte> _rest;
        private string? _state;
        private int _left = -1;
        private int _round;

        /// <inheritdoc/>
        protected override bool TryTake(ulong offset, Span<byte> buffer, out int count)
        {
            Begin();
            count = 0;
            lock (_lines)
            {
                while (count < buffer.Length && (!_rest.IsEmpty || _lines.TryDequeue(out _rest)))
                {
                    var taken = Math.Min(_rest.Length, buffer.Length - count);
                    _rest.Span[..taken].CopyTo(buffer[count..]);
                    _rest = _rest[taken..];
                    count += taken;
                }

                return count > 0 || _left == 0;
            }
        }

        /// <inheritdoc/>
        public override ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            var state = Utf8Text.Decode(data.Span).Trim();
            if (!states.States.Contains(state))
            {
                throw new FileException(
                    Errno.EINVAL,
                    $"There is no state '{state}', only {string.Join(", ", states.States)}{Suggestion.For(state, states.States)}");
            }

            lock (Gate)
            {
                End();
                (_state, _left) = (state, -1);
            }

            return new(data.Length);
        }

        /// <inheritdoc/>
        protected override ValueTask CloseAsync()
        {
            lock (Gate)
            {
                End();
            }

            return ValueTask.CompletedTask;
        }

        // Waiting begins with the first read, because the state to wait for may be written before it.
        private void Begin()
        {
            if (_left >= 0)
            {
                return;
            }

            _left = objects.Count;
            var round = ++_round;
            foreach (var target in objects)
            {
                _waiters.Add((target, target.Watch.Add(_state, line => Reached(round, line))));
            }
        }

        private void End()
        {
            foreach (var (target, waiter) in _waiters)
            {
                target.Watch.Remove(waiter);
            }

            _waiters.Clear();
            lock (_lines)
            {
                _round++;
                _rest = default;
                _lines.Clear();
            }
        }

        private void Reached(int round, ReadOnlyMemory<byte> line)
        {
            lock (_lines)
            {
                if (round != _round)
                {
                    return;
                }

                _lines.Enqueue(line);
                _left--;
            }

            Changed.Fire();
        }
    }
}
