using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>What a vision tower makes of images, in the type of its weights.</summary>
/// <param name="Tokens">[tokens of all images, width of the text model]: row by row, one image after another.</param>
/// <param name="Deepstack">Such a tensor for each of the first text layers, added to what they give at the images' tokens (Qwen3-VL).</param>
internal sealed record VisionFeatures(Tensor Tokens, IReadOnlyList<Tensor> Deepstack) : IDisposable
{
    public void Dispose()
    {
        Tokens.Dispose();
        foreach (Tensor map in Deepstack)
            map.Dispose();
    }
}
