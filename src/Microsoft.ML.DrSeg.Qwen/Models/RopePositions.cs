using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The positions of a prompt's tokens, which rotary attention counts three times: by time, row and column. Text counts up by one
/// in all three. An image's tokens share one time, and each has its row and column, all beginning where the text stood; the text
/// after goes on behind the largest of them, so that an image of 30 by 30 tokens takes 30 positions.
/// Rule: <c>get_rope_index</c> in huggingface/transformers, <c>src/transformers/models/qwen2_5_vl/modeling_qwen2_5_vl.py</c>.
/// </summary>
internal sealed class RopePositions
{
    // Time, row, column.
    private const int Axes = 3;

    // What upstream gives to padding, which nothing attends to.
    private const long Padding = 1;

    private readonly long[,] _positions;

    private RopePositions(long[,] positions, long next)
    {
        _positions = positions;
        Next = next;
    }

    /// <summary>How many tokens there are.</summary>
    public int Length => _positions.GetLength(1);

    /// <summary>Where the first token of the answer stands; the next ones follow by one.</summary>
    public long Next { get; }

    /// <param name="tokens">The prompt; every image's tokens follow each other.</param>
    /// <param name="images">The patches of its images, in their order.</param>
    /// <param name="imageToken">What stands for one token of an image.</param>
    /// <param name="mergeSize">Side of such a token, in patches.</param>
    /// <exception cref="ArgumentException">The tokens are of more or fewer images, or images of another size.</exception>
    public static RopePositions Of(IReadOnlyList<int> tokens, IReadOnlyList<PatchGrid> images, int imageToken, int mergeSize)
    {
        var positions = new long[Axes, tokens.Count];
        long next = 0;
        int image = 0;
        for (int at = 0; at < tokens.Count;)
        {
            if (tokens[at] != imageToken)
            {
                for (int axis = 0; axis < Axes; axis++)
                    positions[axis, at] = next;
                at++;
                next++;
                continue;
            }
            if (image == images.Count)
                throw new ArgumentException($"The prompt has tokens of more than {images.Count} images, from token {at} on.", nameof(tokens));
            PatchGrid grid = images[image++].Merged(mergeSize);
            int found = tokens.Skip(at).TakeWhile(token => token == imageToken).Take(grid.Patches).Count();
            if (found < grid.Patches)
                throw new ArgumentException($"The prompt has {found} tokens for image {image}, from token {at} on; its {grid.Rows} by {grid.Columns} need {grid.Patches}.", nameof(tokens));
            for (int unit = 0; unit < grid.Patches; unit++, at++)
            {
                positions[0, at] = next;
                positions[1, at] = next + unit / grid.Columns;
                positions[2, at] = next + unit % grid.Columns;
            }
            next += Math.Max(grid.Rows, grid.Columns);
        }
        return image == images.Count
            ? new RopePositions(positions, next)
            : throw new ArgumentException($"The prompt has tokens of {image} images, but {images.Count} images were given.", nameof(images));
    }

    /// <summary>[3, tokens], whole numbers.</summary>
    public Tensor ToTensor(Device device) => tensor(_positions, ScalarType.Int64, device);

    /// <summary>The positions of prompts that are filled up on the left to one length: [3, prompts, length].</summary>
    /// <exception cref="ArgumentException">A prompt is longer.</exception>
    public static Tensor LeftPadded(IReadOnlyList<RopePositions> prompts, int length, Device device)
    {
        var padded = new long[Axes, prompts.Count, length];
        for (int axis = 0; axis < Axes; axis++)
            for (int prompt = 0; prompt < prompts.Count; prompt++)
            {
                int begin = length - prompts[prompt].Length;
                if (begin < 0)
                    throw new ArgumentException($"Prompt {prompt} has {prompts[prompt].Length} tokens, more than {length}.", nameof(prompts));
                for (int at = 0; at < length; at++)
                    padded[axis, prompt, at] = at < begin ? Padding : prompts[prompt]._positions[axis, at - begin];
            }
        return tensor(padded, ScalarType.Int64, device);
    }
}
