using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.DrSeg.Common;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// Everything that answers a query: the policy, the segmenter, what confirms a mask, and the learned threshold. A model whose
/// <see cref="ModelFormat"/> is known is saved as one file: a zip of <c>model.json</c> and <c>weights.safetensors</c>.
/// </summary>
public sealed class DrSegModel : IDisposable
{
    private const string Shipped = "Compact";

    private readonly IVisionLanguagePolicy _policy;
    private readonly IPromptableSegmenter _segmenter;
    private readonly IMaskConfirmation _confirmation;
    private readonly bool _ownsParts;
    private float _threshold;
    private bool _disposed;

    /// <summary>Makes a model of any parts, which it then owns.</summary>
    /// <param name="policy">Answers queries; the part that training changes.</param>
    /// <param name="segmenter">Turns box and point into a mask. Frozen.</param>
    /// <param name="confirmation">Checks a mask against its image. Frozen.</param>
    /// <param name="format">
    /// How such a model is written to files and copied. Null where nobody knows: the model is then neither copied, nor saved, nor
    /// trained with checkpoints; training changes its policy in place, and what it gives is the same parts: dispose this model last.
    /// </param>
    public DrSegModel(IVisionLanguagePolicy policy, IPromptableSegmenter segmenter, IMaskConfirmation confirmation, ModelFormat? format = null)
        : this(policy, segmenter, confirmation, format, ownsParts: true)
    {
    }

    private DrSegModel(IVisionLanguagePolicy policy, IPromptableSegmenter segmenter, IMaskConfirmation confirmation, ModelFormat? format, bool ownsParts)
    {
        _policy = policy ?? throw new ArgumentNullException(nameof(policy));
        _segmenter = segmenter ?? throw new ArgumentNullException(nameof(segmenter));
        _confirmation = confirmation ?? throw new ArgumentNullException(nameof(confirmation));
        KnownFormat = format;
        _ownsParts = ownsParts;
        Device = policy.Parameters().FirstOrDefault()?.device ?? CPU;
    }

    /// <summary>Where the policy's parameters live.</summary>
    public Device Device { get; }

    /// <summary>Answers queries with objects, each a box and a point.</summary>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    public IVisionLanguagePolicy Policy => _disposed ? throw Disposed() : _policy;

    /// <summary>Turns box and point into a mask.</summary>
    /// <inheritdoc cref="Policy" path="/exception"/>
    public IPromptableSegmenter Segmenter => _disposed ? throw Disposed() : _segmenter;

    /// <summary>Checks a mask against its image.</summary>
    /// <inheritdoc cref="Policy" path="/exception"/>
    public IMaskConfirmation Confirmation => _disposed ? throw Disposed() : _confirmation;

    /// <summary>Learned confidence below which a second look pays.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public float Threshold
    {
        get => _threshold;
        set => _threshold = float.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(Threshold), value, $"{nameof(Threshold)} must be finite.");
    }

    /// <summary>How it is written and made again; null where nobody knows.</summary>
    internal ModelFormat? KnownFormat { get; }

    internal ModelFormat Format => KnownFormat ?? throw new NotSupportedException(
        $"This model is made of parts of one's own, which this library does not know how to copy or to write down. Give the model a {nameof(ModelFormat)}; or copy and save the policy's weights by your own means, and train without a run's folder.");

    /// <summary>The base model of the package Microsoft.ML.DrSeg.Compact: supervised warm-up on composed scenes, no reinforcement.</summary>
    /// <param name="device">Where it is to live; null for the processor.</param>
    /// <exception cref="NotSupportedException">The package is not referenced.</exception>
    public static DrSegModel LoadBase(Device? device = null) => ModelFormat.Find(Shipped).LoadBase(device);

    /// <summary>Loads a model from its file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no model, of another version or an unknown kind, damaged, or its tensors do not fit its sizes.</exception>
    /// <exception cref="InvalidOperationException">Its format does not do as <see cref="ModelFormat"/> says.</exception>
    public static DrSegModel Load(string path, Device? device = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        return DrSegModelFile.Read(stream, path, device);
    }

    /// <summary>Saves the model; a file of that name is replaced only once the new one is whole.</summary>
    /// <exception cref="NotSupportedException">The model has no format.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, stream => DrSegModelFile.Write(stream, this));
    }

    /// <summary>Copies the model; the copy shares nothing with this one.</summary>
    /// <param name="device">Where the copy lives; null for where this one does.</param>
    /// <exception cref="NotSupportedException">The model has no format.</exception>
    /// <exception cref="InvalidOperationException">Its format makes another model of its description; the message says where they differ.</exception>
    public DrSegModel Clone(Device? device = null)
    {
        DrSegModel copy = Format.CreateChecked(Describe(), device ?? Device);
        try
        {
            copy.Threshold = Threshold;
            using var scope = NewDisposeScope();
            using IDisposable withoutGradient = no_grad();
            IReadOnlyDictionary<string, Tensor> weights = Weights(), copied = copy.Weights();
            Format.RequireTensors(copied, FormatChecks.Shapes(weights), "the model described");
            foreach ((string name, Tensor tensor) in copied) tensor.copy_(weights[name]);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>The model for training to change: a copy on the given device, or, without a format, a model of the very same parts, which stay this one's.</summary>
    internal DrSegModel ForTraining(Device device) => KnownFormat is not null
        ? Clone(device)
        : new DrSegModel(Policy, Segmenter, Confirmation, format: null, ownsParts: false) { Threshold = Threshold };

    internal JsonElement Describe() => Format.Describe(this);

    /// <summary>All weights that a file holds; the model's own, not copies.</summary>
    internal IReadOnlyDictionary<string, Tensor> Weights() => Format.WeightsChecked(this);

    /// <summary>SHA-256 of all weights and the threshold, in hexadecimal: tells models apart.</summary>
    internal string Checksum()
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((_, Tensor tensor) in Weights().OrderBy(entry => entry.Key, StringComparer.Ordinal))
            hash.AppendData(MemoryMarshal.AsBytes<float>(tensor.Floats()));
        hash.AppendData(BitConverter.GetBytes(Threshold));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        if (!_ownsParts) return;
        _policy.Dispose();
        _segmenter.Dispose();
        _confirmation.Dispose();
    }

    private static ObjectDisposedException Disposed() => new(
        nameof(DrSegModel), "The model has been disposed. Predictions are computed when a view is read: read it before its model, or the transformer that owns it, is disposed.");
}
