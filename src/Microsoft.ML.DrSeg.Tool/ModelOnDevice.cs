using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;

using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>The model that a command is about, on the device that it names.</summary>
internal static class ModelOnDevice
{
    public const string GpuDescription = "CUDA GPU to compute on, numbered from 0; none for the processor";

    /// <param name="path">Model or checkpoint file; null for the model that the library ships.</param>
    /// <param name="gpu">Number of a CUDA GPU; null for the processor.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static DrSegModel Load(string? path, int? gpu)
    {
        if (path is null) return DrSegModel.LoadBase(Device(gpu));
        return File.Exists(path) ? DrSegModel.Load(path, Device(gpu)) : throw new FileNotFoundException($"There is no model file '{path}' (looked for at '{Path.GetFullPath(path)}').", path);
    }

    /// <exception cref="ArgumentException">There is no such GPU.</exception>
    public static Device Device(int? gpu)
    {
        try
        {
            return ContextDevice.Of(new MLContext { GpuDeviceId = gpu });
        }
        catch (InvalidOperationException error)
        {
            throw new ArgumentException(
                $"--gpu is {gpu}, but libtorch finds {(cuda.is_available() ? cuda.device_count() : 0)} CUDA GPUs here, numbered from 0. Without --gpu the processor computes; a GPU needs its driver and a build for CUDA (-p:TorchPackage=cuda).", error);
        }
    }
}
