using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>The model that a command is about, on the device that it names.</summary>
internal static class ModelOnDevice
{
    public const string GpuDescription = "CUDA GPU to compute on, numbered from 0; none for the processor";

    /// <param name="path">Model or checkpoint file; null for the model that the library ships.</param>
    /// <param name="gpu">Number of a CUDA GPU; null for the processor.</param>
    public static DrSegModel Load(string? path, int? gpu) =>
        path is null ? DrSegModel.LoadBase(Device(gpu)) : DrSegModel.Load(path, Device(gpu));

    /// <exception cref="InvalidOperationException">There is no such GPU.</exception>
    public static Device Device(int? gpu) => TorchDevice.Of(new MLContext { GpuDeviceId = gpu });
}
