using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Writes a model with its adapter merged in: W + s B A, added in Float32 and rounded to the type of W. Every file of the model is
/// copied as it is but for the bytes of such weights, so that names, types and shards stay, and no more than one tensor is in
/// memory. What serves the model serves the result.
/// </summary>
internal static class MergedFolder
{
    private const string Weights = ".safetensors";
    private const int CopiedAtOnce = 1 << 20;

    // The same weights in other formats would not be merged.
    private static readonly string[] OtherWeights = [".bin", ".pt", ".pth", ".ckpt", ".gguf", ".onnx", ".h5", ".msgpack"];

    /// <param name="model">The model's folder.</param>
    /// <param name="adapter">What is merged in.</param>
    /// <param name="target">Another folder; made if it is not there. Its files of the same names are replaced.</param>
    /// <param name="progress">Told the share of bytes that are written, 0 to 1.</param>
    /// <param name="cancellation">Stops between two pieces; the files that are whole by then stay.</param>
    /// <exception cref="ArgumentException">The target is the model's own folder.</exception>
    /// <exception cref="InvalidDataException">The model lacks a weight that the adapter adds to, or has one of another shape.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Write(string model, LoraAdapter adapter, string target, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        if (Path.GetFullPath(model).TrimEnd(Path.DirectorySeparatorChar) == Path.GetFullPath(target).TrimEnd(Path.DirectorySeparatorChar))
            throw new ArgumentException($"'{target}' is the model's own folder; give another one for the merged model.", nameof(target));
        Dictionary<(int, TextModule), LoraFactors> factors = adapter.Modules().ToDictionary(one => (one.Layer, one.Module), one => one.Factors);
        string[] files = Directory.GetFiles(model);
        Require(model, files, factors);
        string[] copied = [.. files.Where(file => !OtherWeights.Contains(Path.GetExtension(file))).Order(StringComparer.Ordinal)];
        long all = copied.Sum(file => new FileInfo(file).Length), done = 0;
        void Advance(long bytes)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report((double)(done += bytes) / all);
        }
        foreach (string file in copied)
            AtomicFile.Write(Path.Combine(target, Path.GetFileName(file)), output => Copy(file, factors, output, Advance));
    }

    // Before anything is written.
    private static void Require(string model, string[] files, Dictionary<(int, TextModule), LoraFactors> factors)
    {
        var found = new Dictionary<(int, TextModule), string>();
        foreach (string path in files.Where(IsWeights))
        {
            using FileStream stream = File.OpenRead(path);
            foreach ((string name, StoredTensor tensor) in SafetensorsHeader.Read(stream, path))
            {
                if (LoraNames.Weight(name) is not { } place || !factors.TryGetValue(place, out LoraFactors? own)) continue;
                long[] needed = [own.Up.shape[0], own.Down.shape[1]];
                if (!tensor.Shape.SequenceEqual(needed))
                    throw new InvalidDataException($"'{path}' holds the tensor '{name}' of shape [{string.Join(", ", tensor.Shape)}]; the adapter is for [{string.Join(", ", needed)}].");
                if (!found.TryAdd(place, name))
                    throw new InvalidDataException($"'{model}' holds both '{name}' and '{found[place]}', which are the same tensor.");
            }
        }
        foreach ((int layer, TextModule module) in factors.Keys)
            if (!found.ContainsKey((layer, module)))
                throw new InvalidDataException($"'{model}' lacks the weight of layers.{layer}.{module.Path()}, which the adapter adds to. Give the folder of the model that it was trained on.");
    }

    private static bool IsWeights(string path) => Path.GetExtension(path) == Weights;

    private static void Copy(string path, Dictionary<(int, TextModule), LoraFactors> factors, Stream output, Action<long> advance)
    {
        using FileStream input = File.OpenRead(path);
        if (IsWeights(path))
        {
            using var mapped = new MappedSafetensors(path);
            _ = SafetensorsHeader.Read(input, path);
            long begin = input.Position;
            input.Position = 0;
            foreach ((string name, StoredTensor tensor) in mapped.Tensors.OrderBy(tensor => tensor.Value.From))
            {
                if (LoraNames.Weight(name) is not { } place || !factors.TryGetValue(place, out LoraFactors? own)) continue;
                Copy(input, output, begin + tensor.From - input.Position, advance);
                Merge(mapped, name, own, output);
                advance(tensor.To - tensor.From);
                input.Position = begin + tensor.To;
            }
        }
        Copy(input, output, input.Length - input.Position, advance);
    }

    private static void Copy(Stream input, Stream output, long count, Action<long> advance)
    {
        var buffer = new byte[CopiedAtOnce];
        while (count > 0)
        {
            int read = input.Read(buffer, 0, (int)Math.Min(buffer.Length, count));
            if (read == 0) throw new EndOfStreamException();
            output.Write(buffer, 0, read);
            count -= read;
            advance(read);
        }
    }

    private static void Merge(MappedSafetensors file, string name, LoraFactors factors, Stream output)
    {
        using var scope = NewDisposeScope();
        Tensor stored = file.Read(name, null, CPU);
        Tensor merged = stored.to(ScalarType.Float32).Plus(factors.Product().cpu()).to(stored.dtype);
        output.Write(merged.bytes);
    }
}
