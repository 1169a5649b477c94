using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// The order of memory in which convolutions are computed without rearranging their input and output: all channels of a
/// pixel beside each other. What is computed of such a tensor has this order too; shapes stay as they are.
/// </summary>
internal static class ChannelsLast
{
    /// <summary>[B, C, H, W] with the same values, stored as [B, H, W, C].</summary>
    public static Tensor Of(Tensor picture) => picture.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
}
