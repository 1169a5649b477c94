using Microsoft.ML.DrSeg.Common;

namespace Microsoft.ML.DrSeg.Masks;

// Many masks against many. Each takes part in many pairs, which makes it worth unpacking once to bits, 64 pixels a word:
// words are met in step, while the runs of two masks have to be walked side by side, with a branch at every end.
public sealed partial class SegmentationMask
{
    /// <summary>
    /// Intersection over union of every mask of one list with every mask of another, on all processors. Each is that of
    /// <see cref="IntersectionOverUnion(SegmentationMask)"/>: 0 to 1, and 1 for two empty masks.
    /// </summary>
    /// <param name="first">The rows of the matrix.</param>
    /// <param name="second">Its columns.</param>
    /// <returns>[row, column]. While it is made, a mask takes up a bit for each pixel in the columns that it spans.</returns>
    /// <exception cref="ArgumentException">The masks are of images of different sizes, or one is null.</exception>
    public static double[,] IntersectionOverUnion(IReadOnlyList<SegmentationMask> first, IReadOnlyList<SegmentationMask> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        SegmentationMask? example = first.Concat(second).FirstOrDefault();
        Bits[] rows = Unpack(first, example, nameof(first)), columns = Unpack(second, example, nameof(second));
        var matrix = new double[rows.Length, columns.Length];
        Parallel.For(0, rows.Length, row =>
        {
            for (int column = 0; column < columns.Length; column++)
            {
                long shared = rows[row].SharedWith(columns[column]), joint = rows[row].Mask.Area + columns[column].Mask.Area - shared;
                matrix[row, column] = joint == 0 ? 1 : (double)shared / joint;
            }
        });
        return matrix;
    }

    private static Bits[] Unpack(IReadOnlyList<SegmentationMask> masks, SegmentationMask? example, string name)
    {
        for (int i = 0; i < masks.Count; i++)
            if (masks[i] is not { } mask)
                throw new ArgumentException($"Mask {i} is null. Leave it out, or give an empty mask.", name);
            else if (mask.Width != example!.Width || mask.Height != example.Height)
                throw new ArgumentException($"Masks are compared on one image: mask {i} is {mask.Width} x {mask.Height} pixels, the first one {example.Width} x {example.Height}. Resize one of them first.", name);
        var bits = new Bits[masks.Count];
        Parallel.For(0, bits.Length, i => bits[i] = new(masks[i]));
        return bits;
    }

    /// <summary>The pixels of a mask column by column, 64 a word, from the word of its first pixel to that of its last.</summary>
    private readonly struct Bits
    {
        private const int Size = 64;
        private readonly int _first;
        private readonly ulong[] _words = [];

        public Bits(SegmentationMask mask)
        {
            Mask = mask;
            if (mask.Area == 0)
                return;
            int[] ends = mask._ends;
            _first = ends[0] / Size;
            _words = new ulong[(ends[ends.Length / 2 * 2 - 1] - 1) / Size - _first + 1];
            for (int i = 1; i < ends.Length; i += 2)
                Fill(ends[i - 1], ends[i] - 1);
        }

        public SegmentationMask Mask { get; }

        public long SharedWith(Bits other)
        {
            int from = Math.Max(_first, other._first), to = Math.Min(_first + _words.Length, other._first + other._words.Length);
            if (from >= to || Mask.Box.Intersect(other.Mask.Box).IsEmpty)
                return 0;
            return SharedBits.Count(_words.AsSpan(from - _first, to - from), other._words.AsSpan(from - other._first, to - from));
        }

        private void Fill(int start, int last)
        {
            int from = start / Size - _first, to = last / Size - _first;
            ulong head = ulong.MaxValue << start, tail = ulong.MaxValue >> (Size - 1 - last % Size);
            if (from == to)
            {
                _words[from] |= head & tail;
                return;
            }
            _words[from] |= head;
            _words.AsSpan(from + 1, to - from - 1).Fill(ulong.MaxValue);
            _words[to] |= tail;
        }
    }
}
