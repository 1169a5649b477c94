using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>The group normalisation of the compact networks: eight channels a group.</summary>
internal static class GroupNormalization
{
    private const int ChannelsPerGroup = 8;

    /// <param name="channels">A multiple of 8.</param>
    /// <param name="device">Where its weights are made.</param>
    public static GroupNorm Create(int channels, Device device)
    {
        GroupNorm norm = GroupNorm(channels / ChannelsPerGroup, channels, device: device);
        // TorchSharp 0.107.0 leaves both as it finds them in memory, unlike the releases before.
        init.ones_(norm.weight!);
        init.zeros_(norm.bias!);
        return norm;
    }
}
