using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// Lets the query choose what to see: every channel of the image features is scaled and shifted as the query says
/// (FiLM, Perez et al. 2018, arXiv 1709.07871). A patch that matches the query can then be told apart at once; left to
/// attention alone, a small network first learns to find any object at all and stays there.
/// </summary>
internal sealed class QueryModulation : nn.Module<Tensor, Tensor, Tensor>
{
    [ComponentName(Name = "scaleAndShift")] private readonly Linear _scaleAndShift;

    public QueryModulation(int width, Device device) : base(nameof(QueryModulation))
    {
        _scaleAndShift = Linear(width, 2 * width, device: device);
        RegisterComponents();
    }

    /// <summary>[B, P, D] patches and [B, K, D] words to [B, P, D].</summary>
    public override Tensor forward(Tensor patches, Tensor words)
    {
        Tensor[] parts = _scaleAndShift.call(words.sum(1).unsqueeze(1)).chunk(2, -1);   // two of [B, 1, D]
        return (patches * parts[0].Plus(1)).Plus(parts[1]);
    }
}
