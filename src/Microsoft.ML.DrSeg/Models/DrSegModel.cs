using System.IO.Compression;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
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
    private const int FormatVersion = 2, NarrowStems = 1;
    private const string HeaderEntry = "model.json";
    private const string WeightsEntry = "weights.safetensors";
    private const string ShippedResource = "Microsoft.ML.DrSeg.base.drseg";

    private static readonly JsonSerializerOptions HeaderOptions = new()
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    private readonly DrSegModelShape? shape;
    private readonly IVisionLanguagePolicy policy;
    private readonly IPromptableSegmenter segmenter;
    private readonly ConfirmationHead confirmation;
    private readonly bool ownsParts;
    private float threshold;
    private bool disposed;

    /// <summary>Creates a model with fresh weights; <c>torch.manual_seed</c> fixes them.</summary>
    /// <param name="shape">Sizes and words.</param>
    /// <param name="device">Where the tensors live; null for the processor.</param>
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

    /// <summary>Answers queries with a box and a point.</summary>
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
    public static DrSegModel LoadBase(Device? device = null)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(ShippedResource)
            ?? throw new InvalidOperationException($"This build of the library ships no base model ('{ShippedResource}' is missing). Train one with 'drseg pretrain' and load it from its file.");
        return Load(stream, "the base model", device);
    }

    /// <summary>Loads a model from its file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no model, of another version, damaged, or its tensors do not fit its sizes.</exception>
    public static DrSegModel Load(string path, Device? device = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        return Load(stream, path, device);
    }

    /// <summary>Saves the model; a file of that name is replaced only once the new one is whole.</summary>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, Save);
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

    /// <summary>Header and weights as entries of an archive.</summary>
    internal IEnumerable<Archive.Entry> Entries() =>
    [
        new(HeaderEntry, stream => JsonSerializer.Serialize(stream, new Header(FormatVersion, Shape, Threshold))),
        new(WeightsEntry, stream => SafetensorsFile.Write(stream, Tensors())),
    ];

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

    /// <summary>Whether an archive holds a model.</summary>
    internal static bool IsIn(ZipArchive zip) => zip.GetEntry(HeaderEntry) is not null || zip.GetEntry(WeightsEntry) is not null;

    /// <summary>SHA-256 of a model in an archive, in hexadecimal.</summary>
    /// <exception cref="InvalidDataException">An entry is missing or damaged.</exception>
    internal static string ChecksumIn(ZipArchive zip)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Archive.Read(zip, HeaderEntry));
        hash.AppendData(Archive.Read(zip, WeightsEntry));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Reads the entries of an archive.</summary>
    /// <exception cref="InvalidDataException">It is no model, of another version, damaged, or its tensors do not fit its sizes.</exception>
    internal static DrSegModel Load(ZipArchive zip, Device? device)
    {
        DrSegModel? model = null;
        try
        {
            Header header = JsonSerializer.Deserialize<Header>(Archive.Read(zip, HeaderEntry), HeaderOptions) ?? throw new InvalidDataException($"Its {HeaderEntry} is empty.");
            if (header.Version is not (FormatVersion or NarrowStems))
                throw new InvalidDataException($"It has format version {header.Version}; this library reads versions {NarrowStems} to {FormatVersion}.");
            using var tensors = new MemoryStream(Archive.Read(zip, WeightsEntry));
            Dictionary<string, (long[] Shape, float[] Values)> weights = SafetensorsFile.Read(tensors, WeightsEntry);
            if (header.Version == NarrowStems)
                foreach (string part in new[] { "policy", "confirmation" })
                    VisionTower.Widen(weights, $"{part}.vision");
            long numbers = weights.Values.Sum(tensor => (long)tensor.Values.Length);
            if (header.Shape.LeastParameters > numbers)
                throw new InvalidDataException($"Its sizes need {header.Shape.LeastParameters:0} weights or more, but it holds {numbers}.");
            model = new DrSegModel(header.Shape, device) { Threshold = header.Threshold };
            model.Fill(weights);
            return model;
        }
        catch (Exception error)
        {
            model?.Dispose();
            // libtorch refuses impossible sizes with an ExternalException.
            if (error is JsonException or ArgumentException or ExternalException)
                throw new InvalidDataException(error.Message, error);
            throw;
        }
    }

    private void Save(Stream stream)
    {
        using var scope = NewDisposeScope();
        Archive.Write(stream, CompressionLevel.Optimal, Entries());
    }

    private static DrSegModel Load(Stream stream, string source, Device? device)
    {
        try
        {
            using ZipArchive zip = Archive.Open(stream);
            return Load(zip, device);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"Cannot load {source} as a Dr. Seg model: {error.Message} Fetch it again, or save it again with DrSegModel.Save of this version.", error);
        }
    }

    private void Fill(Dictionary<string, (long[] Shape, float[] Values)> weights)
    {
        using var scope = NewDisposeScope();
        foreach ((string name, Tensor tensor) in Tensors())
            weights.Take(name, tensor);
        if (weights.Count > 0)
            throw new InvalidDataException($"It holds the unknown tensor '{weights.Keys.First()}'.");
    }

    private sealed record Header(int Version, DrSegModelShape Shape, float Threshold);
}

/// <summary>Sizes and words of a <see cref="DrSegModel"/>.</summary>
/// <param name="Nouns">The nouns it can be asked for.</param>
/// <param name="Policy">Sizes of the policy.</param>
/// <param name="Segmenter">Sizes of the segmenter.</param>
/// <param name="Confirmation">Sizes of the confirming head.</param>
public sealed record DrSegModelShape(
    IReadOnlyList<string> Nouns, CompactPolicyShape Policy, CompactSegmenterShape Segmenter, ConfirmationShape Confirmation)
{
    /// <summary>
    /// A little less than the weights of a model of these sizes: all but biases and norms. A file that promises a giant is found
    /// out before memory is given to it. As a double, since sizes may be anything.
    /// </summary>
    internal double LeastParameters => OfPolicy + OfSegmenter + OfConfirmation;

    private double OfPolicy =>
        Eyes(Policy.Width) + Policy.Layers * 12.0 * Square(Policy.Width)    // a block: 4 for attention, 8 to feed forward
        + Policy.Width * (2.0 * Policy.CoordinateBins + Policy.QueryTokens + Policy.Nouns + Square(Policy.ViewSize / VisionTower.Stride));

    private double OfSegmenter => 9 * (1 + 6 + 24 + 32 + 32 + 6 + 2) * Square(Segmenter.Width);  // 3 x 3 convolutions, down and up again

    private double OfConfirmation =>
        Eyes(Confirmation.Width) + 3 * 8 * Square(Confirmation.Width)
        + Confirmation.Width * (Confirmation.QueryTokens + Square(VisionTower.Stride) + 2 * Square(Confirmation.CropSize / VisionTower.Stride));

    // The vision tower's 3 x 3 convolutions after the first, and the query's scales and shifts.
    private static double Eyes(double width) => (9 * (1 / 8.0 + 1 / 2.0 + 1 / 2.0) + 2) * Square(width);

    private static double Square(double number) => number * number;

    /// <summary>The default sizes for a set of nouns: under a million parameters in all.</summary>
    public static DrSegModelShape ForNouns(IReadOnlyList<string> nouns)
    {
        int queryTokens = new QueryVocabulary(nouns).Size;
        return new DrSegModelShape(nouns, new CompactPolicyShape(queryTokens, nouns.Count), new CompactSegmenterShape(), new ConfirmationShape(queryTokens));
    }
}
