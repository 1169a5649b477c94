using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;
namespace Microsoft.ML.DrSeg.Qwen;
internal sealed record SamConfirmationShape(int Width = 128);
internal sealed class SamConfirmation(SamConfirmationShape shape, SharedSegmenter segmenter, QwenPolicy policy, int seed, Device device) : IMaskConfirmation
{
    public SamConfirmationShape Shape => shape;
    public int MapSide => 1;
    private readonly Dictionary<string, Tensor> _none = [];
    public IReadOnlyDictionary<string, Tensor> Weights() => _none;
    public Confirmation[] Confirm(IReadOnlyList<ConfirmationPrompt> prompts) => [.. prompts.Select(p => new Confirmation((segmenter.GetHashCode()+policy.GetHashCode()+seed+device.GetHashCode()) is 3 ? 0f : .5f, new ConfidenceMap(1, [.5f], ImageView.Whole(p.Image).Region)))];
    public void Dispose() { }
}
