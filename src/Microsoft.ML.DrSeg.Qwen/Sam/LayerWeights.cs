using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>The tensors of one part of a network, and the layers that they are the weights of.</summary>
/// <param name="Tensors">All tensors by name.</param>
/// <param name="Part">What the names of this part begin with.</param>
internal readonly record struct LayerWeights(IReadOnlyDictionary<string, Tensor> Tensors, string Part)
{
    // Of all norms but those of the decoder's transformer.
    private const double Epsilon = 1e-6;

    public Tensor this[string name] => Tensors[Part + name];

    public LayerWeights Under(string part) => new(Tensors, $"{Part}{part}.");

    public Tensor Linear(string name, Tensor x) => functional.linear(x, this[$"{name}.weight"], this[$"{name}.bias"]);

    /// <summary>Over the last axis.</summary>
    public Tensor LayerNorm(string name, Tensor x, double epsilon = Epsilon) =>
        functional.layer_norm(x, [x.shape[^1]], this[$"{name}.weight"], this[$"{name}.bias"], epsilon);

    /// <summary>Over the channels of maps [B, C, H, W].</summary>
    public Tensor ChannelNorm(string name, Tensor x) => LayerNorm(name, x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);

    public Tensor Convolution(string name, Tensor x, int stride = 1, int padding = 0) =>
        functional.conv2d(x, this[$"{name}.weight"], this[$"{name}.bias"], [stride, stride], [padding, padding]);

    /// <summary>A transposed convolution that doubles the sides of maps.</summary>
    public Tensor Upscaling(string name, Tensor x) =>
        functional.conv_transpose2d(x, this[$"{name}.weight"], this[$"{name}.bias"], [2, 2]);
}
