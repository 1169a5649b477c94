using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// What Label Studio writes of a brushed region: the bytes of an image of four channels, row by row, in runs, of which the fourth
/// says what is inside. Bit by bit: 32 for how many bytes there are, 5 for the bits of each less one, four times 4 for the bits that
/// lengths of runs have less one. Then, until all are there: a bit, two for which of the four sizes, the length less one; after a
/// one bit the byte of which the run is, otherwise every byte of it.
/// </summary>
/// <remarks>The rle-pack format of thi.ng/umbrella, as HumanSignal/label-studio-converter describes it (brush.py).</remarks>
internal static class BrushRuns
{
    private const int Channels = 4, LongestRun = 1 << 16, ShortestRunBits = 1 + 2 + 1;

    public static SegmentationMask Decode(byte[] packed, int width, int height)
    {
        var bits = new Bits(packed);
        long count = bits.Read(32), pixels = SegmentationMask.CheckedSize(width, height);
        if (count != pixels * Channels)
            throw new InvalidDataException($"the brushed region has {count} bytes of pixels, but {width} x {height} pixels have {pixels * Channels}.");
        if (count / LongestRun * ShortestRunBits > packed.Length * 8L)
            throw new InvalidDataException($"the brushed region's {packed.Length} bytes cannot hold {width} x {height} pixels: it is cut off.");
        int word = (int)bits.Read(5) + 1;
        int[] sizes = [(int)bits.Read(4) + 1, (int)bits.Read(4) + 1, (int)bits.Read(4) + 1, (int)bits.Read(4) + 1];
        bool[] inside = new bool[pixels];
        for (long at = 0; at < count;)
        {
            bool isRun = bits.Read(1) == 1;
            long end = at + bits.Read(sizes[bits.Read(2)]) + 1;
            if (end > count)
                throw new InvalidDataException($"a run of the brushed region ends at byte {end} of {count}: it is damaged.");
            bool value = isRun && bits.Read(word) > 0;
            for (; at < end; at++)
                if ((isRun ? value : bits.Read(word) > 0) && at % Channels == Channels - 1)
                    inside[at / Channels] = true;
        }
        return SegmentationMask.FromPixels(inside, width, height);
    }

    private struct Bits(byte[] bytes)
    {
        private long _at;

        public long Read(int count)
        {
            long value = 0;
            for (int i = 0; i < count; i++, _at++)
                value = value << 1 | (_at / 8 < bytes.Length ? bytes[(int)(_at / 8)] >> (int)(7 - _at % 8) & 1L : throw new InvalidDataException("the brushed region is cut off."));
            return value;
        }
    }
}
