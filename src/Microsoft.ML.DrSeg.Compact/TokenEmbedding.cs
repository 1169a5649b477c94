using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>The embeddings of the compact networks.</summary>
internal static class TokenEmbedding
{
    /// <param name="tokens">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="device">Where its weights are made.</param>
    public static Embedding Create(long tokens, long width, Device device)
    {
        if (device.type != DeviceType.META)
            return Embedding(tokens, width, device: device);
        // TorchSharp 0.107.0 takes the processor's memory for all rows first, even where they are to have none.
        Embedding embedding = Embedding(0, width);
        embedding.weight = new Parameter(empty(tokens, width, device: device));
        return embedding;
    }
}
