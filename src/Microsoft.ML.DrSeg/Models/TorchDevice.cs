using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>Devices, as libtorch counts them.</summary>
internal static class TorchDevice
{
    public static Device OrProcessor(Device? device)
    {
        TorchEngine.Load();
        return device ?? CPU;
    }

    /// <summary>
    /// Where the networks of a device make their weights before they move there: on the processor, so that a seed gives the same
    /// ones everywhere; or, for the device META, which holds names and shapes of tensors and no numbers, nowhere.
    /// </summary>
    public static Device OfFreshWeights(Device device) => device.type == DeviceType.META ? device : CPU;
}
