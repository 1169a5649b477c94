using System.Globalization;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>The device that an <see cref="MLContext"/> asks for.</summary>
internal static class ContextDevice
{
    /// <summary>
    /// The processor where <see cref="MLContext.GpuDeviceId"/> is null; else that GPU, or, where there is none and
    /// <see cref="MLContext.FallbackToCpu"/> is set, the processor with a warning in the log.
    /// </summary>
    public static Device Of(MLContext context)
    {
        TorchEngine.Load();
        if (context.GpuDeviceId is not { } number)
            return CPU;
        int count = cuda.is_available() ? cuda.device_count() : 0;
        if (number >= 0 && number < count)
            return device(string.Create(CultureInfo.InvariantCulture, $"cuda:{number}"));
        string problem = count == 0
            ? $"MLContext.GpuDeviceId is {number}, but libtorch finds no CUDA GPU here."
            : $"MLContext.GpuDeviceId is {number}, but there are {count} CUDA GPUs, numbered from 0.";
        if (!context.FallbackToCpu)
            throw new InvalidOperationException($"{problem} Set GpuDeviceId to null or FallbackToCpu to true to compute on the processor; a GPU needs its driver and a CUDA build of libtorch.");
        using IChannel channel = ((IHostEnvironment)context).Start("DrSeg");
        channel.Warning(MessageSensitivity.None, problem + " Computing on the processor instead.");
        return CPU;
    }
}
