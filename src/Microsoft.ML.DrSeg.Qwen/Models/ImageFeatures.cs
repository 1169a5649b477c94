using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>An image as the vision tower hands it to the text model: computed once, shared by all prompts about it.</summary>
/// <param name="Tokens">[N, H], row by row of the grid.</param>
/// <param name="Deepstack">What is added behind the first text layers, one of [N, H] each; none but in Qwen3-VL.</param>
/// <param name="Rows">Rows of the grid of tokens.</param>
/// <param name="Columns">Its columns; N is rows times columns.</param>
internal sealed record ImageFeatures(Tensor Tokens, IReadOnlyList<Tensor> Deepstack, int Rows, int Columns) : IDisposable
{
    public void Dispose()
    {
        Tokens.Dispose();
        foreach (Tensor tensor in Deepstack) tensor.Dispose();
    }
}
