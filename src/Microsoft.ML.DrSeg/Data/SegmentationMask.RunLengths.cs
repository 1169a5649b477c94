using System.Text;

namespace Microsoft.ML.DrSeg.Data;

// COCO's two written forms of a mask: the run lengths as numbers, and the same as printable characters.
public sealed partial class SegmentationMask
{
    private const int GroupBits = 5, SignBit = 1 << (GroupBits - 1), MoreBit = 1 << GroupBits, FirstCharacter = 48;

    // Seven groups of five bits hold any 32-bit number.
    private const int MostGroups = 7;

    /// <summary>The mask of run lengths: the uncompressed <c>counts</c> of an annotation whose <c>size</c> is [height, width].</summary>
    /// <param name="runs">Lengths of alternating runs, outside first, column by column; they add up to width x height.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentException">A run is negative, or the runs add up to another number of pixels.</exception>
    public static SegmentationMask FromRunLengths(ReadOnlySpan<int> runs, int width, int height)
    {
        var reader = new RunReader(CheckedSize(width, height), runs.Length);
        foreach (int run in runs)
            reader.Add(run);
        return new(width, height, reader.Build(width, height));
    }

    /// <summary>The mask of compressed run lengths: a <c>counts</c> text of an annotation whose <c>size</c> is [height, width].</summary>
    /// <param name="text">As <see cref="ToCompressedRunLengths"/> writes it.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentException">Not such a text, or its runs add up to another number of pixels; the message says where.</exception>
    public static SegmentationMask FromCompressedRunLengths(ReadOnlySpan<char> text, int width, int height)
    {
        var reader = new RunReader(CheckedSize(width, height), text.Length);
        long twoBefore = 0, before = 0;
        for (int at = 0; at < text.Length;)
        {
            long value = ReadNumber(text, ref at);
            if (reader.Count > 2)
                value += twoBefore;
            reader.Add(value);
            (twoBefore, before) = (before, value);
        }
        return new(width, height, reader.Build(width, height));
    }

    /// <summary>The lengths of alternating runs, outside first, column by column: COCO's uncompressed <c>counts</c>.</summary>
    public int[] ToRunLengths()
    {
        int[] runs = new int[_ends.Length];
        for (int i = 0; i < runs.Length; i++)
            runs[i] = RunLength(i);
        return runs;
    }

    /// <summary>
    /// The run lengths as COCO's tools compress them: the `counts` of an annotation whose `size` is [Height, Width].
    /// </summary>
    /// <remarks>
    /// From the fourth run on, the difference to the run two before is written instead of the run; each number in groups of
    /// five bits, the lowest first, a sixth bit saying whether more follow, and 48 added to make it a printable character.
    /// Runs 6, 1, 40, 4, 5, 4, 5, 4, 21 read <c>61X13mN000`0</c>.
    /// </remarks>
    public string ToCompressedRunLengths()
    {
        var text = new StringBuilder();
        for (int i = 0; i < _ends.Length; i++)
        {
            int value = RunLength(i) - (i > 2 ? RunLength(i - 2) : 0);
            while (true)
            {
                int group = value & (MoreBit - 1);
                value >>= GroupBits;
                // Done when what is left is only copies of the sign bit.
                bool done = (group & SignBit) != 0 ? value == -1 : value == 0;
                text.Append((char)(FirstCharacter + group + (done ? 0 : MoreBit)));
                if (done)
                    break;
            }
        }
        return text.ToString();
    }

    private static long ReadNumber(ReadOnlySpan<char> text, ref int at)
    {
        int first = at;
        long value = 0;
        for (int shift = 0; ; shift += GroupBits)
        {
            if (at == text.Length)
                throw new ArgumentException($"The compressed run lengths end within the number at place {first}: the text is cut off.", nameof(text));
            if (at - first == MostGroups)
                throw new ArgumentException($"The number at place {first} of the compressed run lengths is longer than any run: the text is damaged.", nameof(text));
            int group = text[at] - FirstCharacter;
            if (group is < 0 or >= 2 * MoreBit)
                throw new ArgumentException($"The character '{text[at]}' at place {at} of the compressed run lengths is none of theirs ('0' to 'o').", nameof(text));
            at++;
            value |= (long)(group & (MoreBit - 1)) << shift;
            if ((group & MoreBit) == 0)
                return (group & SignBit) != 0 ? value | -1L << (shift + GroupBits) : value;
        }
    }

    private int RunLength(int place) => _ends[place] - (place > 0 ? _ends[place - 1] : 0);

    /// <summary>Adds up run lengths that came from outside.</summary>
    private struct RunReader(int size, int capacity)
    {
        private readonly RunBuilder _runs = new(Math.Min(size, capacity));
        private long _at;

        public int Count { get; private set; }

        public void Add(long run)
        {
            if (run < 0)
                throw new ArgumentException($"Run {Count} is {run}; the length of a run is 0 or more.", nameof(run));
            if (run > size - _at)
                throw new ArgumentException($"Run {Count} of {run} pixels goes beyond the image: the runs before it take up {_at} of its {size} pixels.", nameof(run));
            _at += run;
            Count++;
            if (_at < size)
                _runs.Toggle((int)_at);
        }

        public readonly int[] Build(int width, int height) => _at == size
            ? _runs.Build(size)
            : throw new ArgumentException($"The {Count} runs add up to {_at} pixels, but an image of {width} x {height} has {size}.");
    }
}
