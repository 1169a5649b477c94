using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Real models: Qwen2.5-VL (or Qwen2-VL, Qwen3-VL) answers, SAM 2 or 2.1 segments, and a small head upon SAM's features confirms. Both
/// checkpoints stay frozen; an adapter (LoRA) and the head are trained. The model is used, trained, saved and loaded like the embedded one.
/// </summary>
public static class QwenModel
{
    /// <summary>Loads a model. Models of the same checkpoints share their weights, so that a copy for training costs an adapter.</summary>
    /// <param name="folder">The visual language model's folder in Hugging Face's layout, such as Qwen2.5-VL-3B-Instruct.</param>
    /// <param name="segmenter">SAM's folder in Hugging Face's layout, such as sam2.1-hiera-large, or a checkpoint of facebook (.pt).</param>
    /// <param name="options">How it is asked and trained; null for the defaults.</param>
    /// <param name="device">Where it computes; null for the processor.</param>
    /// <param name="progress">Told the share of tensors that are read, first of the one checkpoint, then of the other, 0 to 1.</param>
    /// <param name="cancellationToken">Stops between two tensors.</param>
    /// <returns>A model whose threshold is above every confidence, so that it always looks twice until a threshold is learned (<see cref="Training.GrpoOptions.ThresholdExamples"/>).</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, of another model, or two do not belong together.</exception>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static DrSegModel Load(
        string folder, string segmenter, QwenModelOptions? options = null, Device? device = null, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(segmenter);
        options ??= new();
        OptionReading.Require(options);
        Device place = TorchDevice.OrProcessor(device);
        ScalarType type = options.WeightType ?? (place.type == DeviceType.CPU ? ScalarType.Float32 : ScalarType.BFloat16);
        OptionChecks.Require(type is ScalarType.Float32 or ScalarType.BFloat16, nameof(options.WeightType), type, "Float32 or BFloat16");
        var opened = QwenFolder.Open(new(folder));
        LoraAdapter adapter = options.Adapter is { } given
            ? AdapterFolder.Read(given, opened.Shape.Text, place)
            : LoraAdapter.Fresh(opened.Shape.Text, new LoraSettings(options.LoraRank, options.LoraAlpha), (ulong)options.Seed, place);
        QwenPolicySettings settings = Settings(opened, options);
        DrSegModel model = QwenModelFormat.Assemble(opened, new(segmenter), type, settings, adapter, confirmation: null, options.Seed, place, progress, cancellationToken);
        model.Threshold = AlwaysTwice;
        return model;
    }

    /// <summary>
    /// Finds out what a training would meet before it costs anything: lengths, memory, what is trained, and whether the truth of the rows comes
    /// back when it is written as an answer and read again. Reads configs, tokenizer and images, and no weights.
    /// </summary>
    /// <param name="folder">As of <see cref="Load"/>.</param>
    /// <param name="segmenter">As of <see cref="Load"/>.</param>
    /// <param name="data">What is to be trained on.</param>
    /// <param name="options">As of <see cref="Load"/>; without a type of weights BFloat16 is taken, as on a GPU.</param>
    /// <param name="training">How it is to be trained; null for the defaults.</param>
    /// <param name="rows">The first rows to look at, at least 1.</param>
    /// <param name="cancellationToken">Stops between two rows.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, of another model, two do not belong together, or the data have no rows.</exception>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static QwenCheck Check(
        string folder, string segmenter, SegmentationDataSet data, QwenModelOptions? options = null, GrpoOptions? training = null, int rows = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(segmenter);
        ArgumentNullException.ThrowIfNull(data);
        OptionChecks.Require(rows >= 1, nameof(rows), rows, "at least 1");
        return new QwenChecks(folder, segmenter, options ?? new(), training ?? new()).Of(data.Read(), rows, cancellationToken);
    }

    extension(DrSegModel model)
    {
        /// <summary>Writes what was trained of the visual language model as a folder that Python's peft loads, and vLLM serves.</summary>
        /// <param name="folder">Where; made if it is not there.</param>
        /// <exception cref="NotSupportedException">The model is of another kind.</exception>
        /// <exception cref="IOException">A file cannot be written.</exception>
        public void SaveAdapter(string folder)
        {
            ArgumentException.ThrowIfNullOrEmpty(folder);
            QwenPolicy policy = Policy(model);
            AdapterFolder.Write(folder, policy.Adapter, policy.Folder.Path);
        }

        /// <summary>Writes the visual language model with the adapter merged into its weights: a folder that needs no adapter. No more than one tensor is in memory.</summary>
        /// <param name="folder">Where; made if it is not there. Its files of the same names are replaced.</param>
        /// <param name="progress">Told the share of bytes that are written, 0 to 1.</param>
        /// <param name="cancellationToken">Stops at once; files that are whole by then stay.</param>
        /// <exception cref="NotSupportedException">The model is of another kind.</exception>
        /// <exception cref="ArgumentException">It is the model's own folder.</exception>
        /// <exception cref="IOException">A file cannot be written.</exception>
        /// <exception cref="OperationCanceledException">It was cancelled.</exception>
        public void SaveMerged(string folder, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
        {
            ArgumentException.ThrowIfNullOrEmpty(folder);
            QwenPolicy policy = Policy(model);
            MergedFolder.Write(policy.Folder.Path, policy.Adapter, folder, progress, cancellationToken);
        }
    }

    internal static QwenPolicySettings Settings(QwenFolder folder, QwenModelOptions options) =>
        new(options.Recipe ?? QwenRecipe.Of(folder.Shape.Family), options.LongestAnswer, options.LongestPrompt);

    // Confidences are 0 to 1.
    private const float AlwaysTwice = 2;

    private static QwenPolicy Policy(DrSegModel model) => model.Policy as QwenPolicy
        ?? throw new NotSupportedException($"This needs a model of {nameof(QwenModel)}; its policy is a {model.Policy.GetType().Name}.");
}
