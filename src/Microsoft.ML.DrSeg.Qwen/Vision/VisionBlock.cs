using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// One pre-norm block of a vision tower: attention, then the feed-forward part. Classes <c>Qwen2VLVisionBlock</c>,
/// <c>Qwen2_5_VLVisionBlock</c>, <c>Qwen3VLVisionBlock</c> in huggingface/transformers. [N, D] to [N, D].
/// </summary>
internal sealed class VisionBlock
{
    private readonly int _heads;
    private readonly VisionNorm _attentionNorm, _feedForwardNorm;
    private readonly VisionLinear _queryKeyValue, _projection;
    private readonly VisionFeedForward _feedForward;

    public VisionBlock(ModelWeights weights, string name, QwenFamily family, VisionShape shape)
    {
        int width = shape.HiddenSize;
        _heads = shape.Heads;
        _attentionNorm = new VisionNorm(weights, $"{name}.norm1", family, width);
        _queryKeyValue = new VisionLinear(weights, $"{name}.attn.qkv", width, 3L * width);
        _projection = new VisionLinear(weights, $"{name}.attn.proj", width, width);
        _feedForwardNorm = new VisionNorm(weights, $"{name}.norm2", family, width);
        _feedForward = new VisionFeedForward(weights, $"{name}.mlp", family, width, shape.IntermediateSize);
    }

    /// <param name="x">[N, D].</param>
    /// <param name="rotation">The positions of the patches.</param>
    /// <param name="segments">What each patch attends to.</param>
    public Tensor Of(Tensor x, VisionRotation rotation, AttentionSegments segments)
    {
        using var scope = NewDisposeScope();
        Tensor attended = x.Plus(Attend(x, rotation, segments));
        return attended.Plus(_feedForward.Of(_feedForwardNorm.Of(attended))).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor x, VisionRotation rotation, AttentionSegments segments)
    {
        using var scope = NewDisposeScope();
        // [N, 3D] to three of [N, H, d].
        Tensor[] all = _queryKeyValue.Of(_attentionNorm.Of(x)).view(x.shape[0], 3, _heads, -1).unbind(1);
        return _projection.Of(segments.Attend(rotation.Turn(all[0]), rotation.Turn(all[1]), all[2])).MoveToOuterDisposeScope();
    }
}
