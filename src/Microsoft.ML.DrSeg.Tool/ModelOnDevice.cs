using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Qwen;

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

    /// <summary>A real model, or one of a file.</summary>
    /// <param name="path">Model or checkpoint file; null for the model that the library ships.</param>
    /// <param name="qwen">Folder of a real model; null for none.</param>
    /// <param name="real">How a real model is loaded and asked.</param>
    /// <param name="gpu">Number of a CUDA GPU; null for the processor.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="ArgumentException">Options do not go together.</exception>
    public static DrSegModel Load(string? path, string? qwen, RealModelSettings real, int? gpu)
    {
        if (qwen is null) return real.Sam is null ? Load(path, gpu) : throw new ArgumentException("--sam is the segmenter of a real model; give its folder with --qwen.");
        if (path is not null) throw new ArgumentException("--model and --qwen exclude each other; give one of them.");
        if (real.Sam is null) throw new ArgumentException("--qwen needs --sam, the folder or file of SAM 2 or 2.1.");
        Device device = Device(gpu);
        return LoadingProgress.Show(progress => QwenModel.Load(qwen, real.Sam, real.ToOptions(), device, progress));
    }

    /// <summary>The words of a compact model; null for a model that can be asked anything.</summary>
    public static QueryVocabulary? VocabularyOf(DrSegModel model) => model.Policy is CompactPolicy compact ? compact.Vocabulary : null;

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
