using System.Text;

namespace Microsoft.ML.DrSeg.Data;

// COCO's text form of a mask.
public sealed partial class SegmentationMask
{
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
        const int bits = 5, sign = 1 << (bits - 1), more = 1 << bits, offset = 48;
        var text = new StringBuilder();
        for (int i = 0; i < _ends.Length; i++)
        {
            int value = RunLength(i) - (i > 2 ? RunLength(i - 2) : 0);
            while (true)
            {
                int group = value & (more - 1);
                value >>= bits;
                // Done when what is left is only copies of the sign bit.
                bool done = (group & sign) != 0 ? value == -1 : value == 0;
                text.Append((char)(offset + group + (done ? 0 : more)));
                if (done)
                    break;
            }
        }
        return text.ToString();
    }

    private int RunLength(int place) => _ends[place] - (place > 0 ? _ends[place - 1] : 0);
}
