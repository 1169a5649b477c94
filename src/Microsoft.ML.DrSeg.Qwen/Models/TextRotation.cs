using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Rotary positions of three axes, time, row and column, of which each has a part of the frequencies: one after the other
/// (<c>apply_multimodal_rotary_pos_emb</c> of Qwen2-VL and Qwen2.5-VL in the transformers library) or in turns
/// (<c>apply_interleaved_mrope</c> of Qwen3-VL). Where the three agree, as for text, they are ordinary rotary positions.
/// </summary>
/// <param name="cosine">[N, 1, head size].</param>
/// <param name="sine">[N, 1, head size].</param>
internal sealed class TextRotation(Tensor cosine, Tensor sine)
{
    /// <summary>Angles of tokens, computed in Float32.</summary>
    /// <param name="shape">Gives the frequencies, theta^(-2i / head size), and which axis has which.</param>
    /// <param name="positions">[3, N] of Int64: time, row, column.</param>
    /// <param name="type">That of the model.</param>
    /// <returns>Tensors of the caller's dispose scope.</returns>
    public static TextRotation Of(TextShape shape, Tensor positions, ScalarType type)
    {
        using var scope = NewDisposeScope();
        int half = shape.HeadSize / 2;
        Tensor axes = tensor([.. Enumerable.Range(0, half).Select(i => (long)Axis(shape, i))]).to(positions.device);
        Tensor frequencies = tensor([.. Enumerable.Range(0, half).Select(i => (float)Math.Pow(shape.RopeTheta, -2.0 * i / shape.HeadSize))]).to(positions.device);
        Tensor angles = positions.index_select(0, axes).t().to(ScalarType.Float32).mul(frequencies);
        Tensor doubled = cat([angles, angles], 1).unsqueeze(1);
        return new TextRotation(doubled.cos().to(type).MoveToOuterDisposeScope(), doubled.sin().to(type).MoveToOuterDisposeScope());
    }

    /// <summary>Turns every head's vector: x cos + [-second half, first half] sin.</summary>
    /// <param name="heads">[N, heads, head size].</param>
    public Tensor Apply(Tensor heads)
    {
        using var scope = NewDisposeScope();
        Tensor[] halves = heads.chunk(2, -1);
        return heads.mul(cosine).Plus(cat([halves[1].neg(), halves[0]], -1).mul(sine)).MoveToOuterDisposeScope();
    }

    private static int Axis(TextShape shape, int frequency)
    {
        IReadOnlyList<int> sections = shape.RopeSections;
        if (!shape.RopeInterleaved)
            return frequency < sections[0] ? 0 : frequency < sections[0] + sections[1] ? 1 : 2;
        int turn = frequency % 3;
        return turn > 0 && frequency < 3 * sections[turn] ? turn : 0;
    }
}
