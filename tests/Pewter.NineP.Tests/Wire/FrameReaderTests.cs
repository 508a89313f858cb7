using System.Buffers;
using System.Buffers.Binary;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Tests.Wire;

public sealed class FrameReaderTests
{
    [Theory]
    [InlineData(0u), InlineData(1u), InlineData(4u), InlineData(6u), InlineData(8193u)]
    [InlineData(0x7FFF_FFFFu), InlineData(0x8000_0000u), InlineData(0xFFFF_FFFFu)]
    public void A_size_below_a_header_or_above_the_limit_is_refused_before_the_rest_comes(uint size)
    {
        using var frames = new FrameReader { MessageSize = 8192 };
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, size);
        Assert.Throws<ProtocolException>(() =>
        {
            var buffer = new ReadOnlySequence<byte>(bytes);
            frames.TryRead(ref buffer, out _);
        });
    }

    [Fact]
    public void Frames_cut_anywhere_between_segments_come_out_whole()
    {
        var stream = Enumerable.Range(0, 5).SelectMany(i => (byte[])[(byte)(7 + i), 0, 0, 0, (byte)(100 + i), (byte)i, 0, .. new byte[i]]).ToArray();
        for (var cut = 1; cut < stream.Length; cut++)
        {
            using var frames = new FrameReader { MessageSize = 8192 };
            var buffer = Segments(stream[..cut], stream[cut..]);
            for (var i = 0; i < 5; i++)
            {
                Assert.True(frames.TryRead(ref buffer, out var frame));
                Assert.Equal((100 + i, i, i), ((int)frame.Type, frame.Tag, frame.Body.Length));
            }

            Assert.False(frames.TryRead(ref buffer, out _));
            Assert.True(buffer.IsEmpty);
        }
    }

    [Fact]
    public void A_frame_that_is_not_whole_yet_is_left_alone()
    {
        using var frames = new FrameReader { MessageSize = 8192 };
        var buffer = new ReadOnlySequence<byte>([9, 0, 0, 0, 108, 0, 0, 1]);
        Assert.False(frames.TryRead(ref buffer, out _));
        Assert.Equal(8, buffer.Length);
    }

    private static ReadOnlySequence<byte> Segments(byte[] first, byte[] second)
    {
        var start = new Segment(first, 0, null);
        var end = new Segment(second, first.Length, start);
        return new ReadOnlySequence<byte>(start, 0, end, second.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, long index, Segment? previous)
        {
            Memory = bytes;
            RunningIndex = index;
            if (previous is not null)
                previous.Next = this;
        }
    }
}
