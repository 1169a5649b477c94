using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Rotary positions in two dimensions: a quarter of each head's numbers turns with the patch's row, a quarter with its column, each
/// as one of a pair with a number of the other half. In float32, whatever the type of the weights.
/// Formula: <c>rot_pos_emb</c>, <c>apply_rotary_pos_emb_vision</c> in huggingface/transformers,
/// <c>src/transformers/models/qwen2_5_vl/modeling_qwen2_5_vl.py</c>. Letters: N patches, H heads, d size of a head.
/// </summary>
internal sealed class VisionRotation : IDisposable
{
    private const double Theta = 10_000;

    private readonly Tensor _cosine, _sine;      // [N, 1, d/2]

    /// <param name="rows">Row of each patch in its image, [N], float32.</param>
    /// <param name="columns">Column of each patch, [N], float32.</param>
    /// <param name="headSize">d, a multiple of 4.</param>
    public VisionRotation(Tensor rows, Tensor columns, int headSize)
    {
        using var scope = NewDisposeScope();
        int quarter = headSize / 4;
        float[] frequencies = [.. Enumerable.Range(0, quarter).Select(i => (float)Math.Pow(Theta, -(double)i / quarter))];
        Tensor perStep = tensor(frequencies, device: rows.device);
        Tensor angles = cat([rows.unsqueeze(1) * perStep, columns.unsqueeze(1) * perStep], 1).unsqueeze(1);
        _cosine = angles.cos().DetachFromDisposeScope();
        _sine = angles.sin().DetachFromDisposeScope();
    }

    /// <summary>Queries or keys, [N, H, d], turned by the positions of their patches.</summary>
    public Tensor Turn(Tensor heads)
    {
        using var scope = NewDisposeScope();
        Tensor[] halves = heads.to(float32).chunk(2, -1);
        Tensor first = halves[0] * _cosine - halves[1] * _sine;
        Tensor second = (halves[1] * _cosine).Plus(halves[0] * _sine);
        return cat([first, second], -1).to(heads.dtype).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _cosine.Dispose();
        _sine.Dispose();
    }
}
