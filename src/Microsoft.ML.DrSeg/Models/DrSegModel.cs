using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Policies;
using Microsoft.ML.DrSeg.Segmenters;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// Everything that answers a query: the policy, the segmenter, the head that confirms, the words they know and the
/// learned threshold. Saved as one file: a zip of <c>model.json</c> and <c>weights.safetensors</c>.
/// </summary>
public sealed class DrSegModel : IDisposable
{
    private readonly DrSegModelShape? shape;
    private readonly IVisionLanguagePolicy policy;
    private readonly IPromptableSegmenter segmenter;
    private readonly ConfirmationHead confirmation;
    private readonly bool ownsParts;
    private float threshold;
    private bool disposed;

    /// <summary>Creates a model with fresh weights; <c>torch.manual_seed</c> fixes them.</summary>
    /// <param name="shape">Sizes and words.</param>
    /// <param name="device">Where the tensors live; null for the processor, META for names and shapes alone, which take no memory.</param>
    /// <exception cref="ArgumentException">The sizes do not fit each other or the nouns.</exception>
    public DrSegModel(DrSegModelShape shape, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(shape);
        this.shape = shape;
        ownsParts = true;
        Device = TorchDevice.OrProcessor(device);
        Vocabulary = new QueryVocabulary(shape.Nouns);
        if (shape.Policy.QueryTokens != Vocabulary.Size || shape.Confirmation.QueryTokens != Vocabulary.Size)
            throw new ArgumentException($"The nouns have {Vocabulary.Size} query tokens, but the policy is made for {shape.Policy.QueryTokens} and the confirming head for {shape.Confirmation.QueryTokens}; use {nameof(DrSegModelShape)}.{nameof(DrSegModelShape.ForNouns)}.", nameof(shape));
        policy = new CompactPolicy(shape.Policy, Device);
        segmenter = new CompactSegmenter(shape.Segmenter, Device);
        confirmation = new ConfirmationHead(shape.Confirmation, Device);
    }

    /// <summary>Makes a model of parts of one's own: any policy and any segmenter, trained and confirmed like those that the library ships.</summary>
    /// <param name="policy">Answers queries; training changes it in place: only its maker knows how to copy it.</param>
    /// <param name="segmenter">Turns box and point into a mask. Frozen.</param>
    /// <param name="confirmation">Checks a mask against its image. Frozen.</param>
    /// <param name="vocabulary">The words it knows.</param>
    /// <remarks>
    /// The model owns the parts. How such parts are copied or written to a file only their makers know, so that the model is
    /// neither copied, nor saved, nor trained with checkpoints. What training gives is the same parts, trained: dispose this model last.
    /// </remarks>
    public DrSegModel(IVisionLanguagePolicy policy, IPromptableSegmenter segmenter, ConfirmationHead confirmation, QueryVocabulary vocabulary)
        : this(policy, segmenter, confirmation, vocabulary, ownsParts: true)
    {
    }

    private DrSegModel(IVisionLanguagePolicy policy, IPromptableSegmenter segmenter, ConfirmationHead confirmation, QueryVocabulary vocabulary, bool ownsParts)
    {
        this.policy = policy ?? throw new ArgumentNullException(nameof(policy));
        this.segmenter = segmenter ?? throw new ArgumentNullException(nameof(segmenter));
        this.confirmation = confirmation ?? throw new ArgumentNullException(nameof(confirmation));
        Vocabulary = vocabulary ?? throw new ArgumentNullException(nameof(vocabulary));
        Device = policy.Parameters().FirstOrDefault()?.device ?? CPU;
        this.ownsParts = ownsParts;
    }

    /// <summary>Sizes and words.</summary>
    /// <exception cref="NotSupportedException">The model is made of parts of one's own.</exception>
    public DrSegModelShape Shape => shape ?? throw new NotSupportedException(
        "This model is made of parts of one's own, which this library does not know how to copy or to write down. Copy and save the policy's weights by your own means, and train without GrpoSegmentationTrainer.Options.Run.");

    /// <summary>Where the tensors live.</summary>
    public Device Device { get; }

    /// <summary>The words it knows.</summary>
    public QueryVocabulary Vocabulary { get; }

    /// <summary>Answers queries with objects, each a box and a point.</summary>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    public IVisionLanguagePolicy Policy => disposed ? throw Disposed() : policy;

    /// <summary>Turns box and point into a mask.</summary>
    /// <inheritdoc cref="Policy" path="/exception"/>
    public IPromptableSegmenter Segmenter => disposed ? throw Disposed() : segmenter;

    /// <summary>Checks a mask against its image.</summary>
    /// <inheritdoc cref="Policy" path="/exception"/>
    public ConfirmationHead Confirmation => disposed ? throw Disposed() : confirmation;

    /// <summary>Learned confidence below which a second look pays.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public float Threshold
    {
        get => threshold;
        set => threshold = float.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(Threshold), value, $"{nameof(Threshold)} must be finite.");
    }

    /// <summary>Look-to-Confirm over this model's parts.</summary>
    public LookToConfirmLoop LookToConfirm => new(Policy, Segmenter, Confirmation);

    /// <summary>The base model that the library ships: supervised warm-up on composed scenes, no reinforcement.</summary>
    public static DrSegModel LoadBase(Device? device = null) => DrSegModelFile.ReadShipped(device);

    /// <summary>Loads a model from its file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no model, of another version, damaged, or its tensors do not fit its sizes.</exception>
    public static DrSegModel Load(string path, Device? device = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        return DrSegModelFile.Read(stream, path, device);
    }

    /// <summary>Saves the model; a file of that name is replaced only once the new one is whole.</summary>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, stream => DrSegModelFile.Write(stream, this));
    }

    /// <summary>Copies the model; the copy shares nothing with this one.</summary>
    /// <param name="device">Where the copy lives; null for where this one does.</param>
    /// <exception cref="NotSupportedException">The model is made of parts of one's own.</exception>
    public DrSegModel Clone(Device? device = null)
    {
        var copy = new DrSegModel(Shape, device ?? Device) { Threshold = Threshold };
        foreach ((string part, nn.Module module) in copy.Modules())
            module.load_state_dict(Modules().Single(own => own.Part == part).Module.state_dict());
        return copy;
    }

    /// <summary>The model for training to change: a copy on the given device, or, made of parts of one's own, a model of the very same parts, which stay this one's.</summary>
    internal DrSegModel ForTraining(Device device) => shape is not null
        ? Clone(device)
        : new DrSegModel(Policy, Segmenter, Confirmation, Vocabulary, ownsParts: false) { Threshold = Threshold };

    /// <inheritdoc/>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        if (!ownsParts) return;
        policy.Dispose();
        segmenter.Dispose();
        confirmation.Dispose();
    }

    private static ObjectDisposedException Disposed() => new(
        nameof(DrSegModel), "The model has been disposed. Predictions are computed when a view is read: read it before its model, or the transformer that owns it, is disposed.");

    private IEnumerable<(string Part, nn.Module Module)> Modules() =>
        [("policy", CompactPolicy.Network), ("segmenter", CompactSegmenter.Network), ("confirmation", Confirmation.Network)];

    /// <summary>The shipped policy, for what only it can do: being saved and warmed up.</summary>
    /// <exception cref="NotSupportedException">The policy is another.</exception>
    internal CompactPolicy CompactPolicy => Policy as CompactPolicy ?? throw new NotSupportedException($"This needs the policy that the library ships, a {nameof(Policies.CompactPolicy)}, not a {Policy.GetType().Name}.");

    /// <inheritdoc cref="CompactPolicy"/>
    internal CompactSegmenter CompactSegmenter => Segmenter as CompactSegmenter ?? throw new NotSupportedException($"This needs the segmenter that the library ships, a {nameof(Segmenters.CompactSegmenter)}, not a {Segmenter.GetType().Name}.");

    /// <summary>All weights by part and name; the model's own, not copies.</summary>
    internal Dictionary<string, Tensor> Tensors() =>
        Modules().SelectMany(module => module.Module.state_dict().Select(entry => (Name: $"{module.Part}.{entry.Key}", entry.Value))).ToDictionary();

    /// <summary>SHA-256 of all weights and the threshold, in hexadecimal: tells models apart.</summary>
    internal string Checksum()
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((_, Tensor tensor) in Tensors().OrderBy(entry => entry.Key, StringComparer.Ordinal))
            hash.AppendData(MemoryMarshal.AsBytes<float>(tensor.detach().cpu().contiguous().data<float>().ToArray()));
        hash.AppendData(BitConverter.GetBytes(Threshold));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
