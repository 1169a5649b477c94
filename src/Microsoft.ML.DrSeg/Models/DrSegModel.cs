using System.IO.Compression;
using System.Reflection;
using System.Text.Json;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Policies;
using Microsoft.ML.DrSeg.Segmenters;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// Everything that answers a query: the policy, the segmenter, the head that confirms, the words they know and the
/// learned threshold. Saved as one file: a zip of <c>model.json</c> and <c>weights.safetensors</c>.
/// </summary>
public sealed class DrSegModel : IDisposable
{
    private const int FormatVersion = 1;
    private const string HeaderEntry = "model.json";
    private const string WeightsEntry = "weights.safetensors";
    private const string ShippedResource = "Microsoft.ML.DrSeg.base.drseg";

    /// <summary>Creates a model with fresh weights.</summary>
    /// <param name="shape">Sizes and words.</param>
    /// <param name="device">Where the tensors live; null for the processor.</param>
    public DrSegModel(DrSegModelShape shape, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Shape = shape;
        Device = device ?? CPU;
        Vocabulary = new QueryVocabulary(shape.Nouns);
        Policy = new CompactPolicy(shape.Policy, Device);
        Segmenter = new CompactSegmenter(shape.Segmenter, Device);
        Confirmation = new ConfirmationHead(shape.Confirmation, Device);
    }

    /// <summary>Sizes and words.</summary>
    public DrSegModelShape Shape { get; }

    /// <summary>Where the tensors live.</summary>
    public Device Device { get; }

    /// <summary>The words it knows.</summary>
    public QueryVocabulary Vocabulary { get; }

    /// <summary>Answers queries with a box and a point.</summary>
    public CompactPolicy Policy { get; private set; }

    /// <summary>Turns box and point into a mask.</summary>
    public CompactSegmenter Segmenter { get; }

    /// <summary>Checks a mask against its image.</summary>
    public ConfirmationHead Confirmation { get; }

    /// <summary>Learned confidence below which a second look pays.</summary>
    public float Threshold { get; set; }

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
    public DrSegModel Clone()
    {
        var copy = new DrSegModel(Shape, Device) { Threshold = Threshold };
        foreach ((string part, nn.Module module) in copy.Modules())
            module.load_state_dict(Modules().Single(own => own.Part == part).Module.state_dict());
        return copy;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Policy.Dispose();
        Segmenter.Dispose();
        Confirmation.Dispose();
    }

    private IEnumerable<(string Part, nn.Module Module)> Modules() =>
        [("policy", Policy.Network), ("segmenter", Segmenter.Network), ("confirmation", Confirmation.Network)];

    private void Save(Stream stream)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        // A fixed time: equal models are equal files.
        ZipArchiveEntry Entry(string name)
        {
            ZipArchiveEntry entry = zip.CreateEntry(name, CompressionLevel.Optimal);
            entry.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
            return entry;
        }
        using (Stream header = Entry(HeaderEntry).Open())
            JsonSerializer.Serialize(header, new Header(FormatVersion, Shape, Threshold));
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        foreach ((string part, nn.Module module) in Modules())
            foreach ((string name, Tensor tensor) in module.state_dict())
                tensors.Add($"{part}.{name}", tensor);
        using Stream weights = Entry(WeightsEntry).Open();
        SafetensorsFile.Write(weights, tensors);
    }

    private static DrSegModel Load(Stream stream, string source, Device? device)
    {
        Header header;
        Dictionary<string, (long[] Shape, float[] Values)> weights;
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            using (Stream entry = Open(zip, HeaderEntry))
                header = JsonSerializer.Deserialize<Header>(entry) ?? throw new InvalidDataException($"its {HeaderEntry} is empty");
            if (header.Version != FormatVersion)
                throw new InvalidDataException($"it has format version {header.Version}; this library reads version {FormatVersion}");
            using Stream tensors = Open(zip, WeightsEntry);
            weights = SafetensorsFile.Read(tensors, WeightsEntry);
        }
        catch (Exception error) when (error is InvalidDataException or JsonException)
        {
            throw new InvalidDataException($"Cannot load {source} as a Dr. Seg model: {error.Message}. Save it again with DrSegModel.Save.", error);
        }

        var model = new DrSegModel(header.Shape, device) { Threshold = header.Threshold };
        try
        {
            model.Fill(weights, source);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private void Fill(Dictionary<string, (long[] Shape, float[] Values)> weights, string source)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach ((string part, nn.Module module) in Modules())
        {
            foreach ((string name, Tensor tensor) in module.state_dict())
            {
                string full = $"{part}.{name}";
                if (!weights.Remove(full, out (long[] Shape, float[] Values) stored))
                    throw new InvalidDataException($"Cannot load {source}: the tensor '{full}' is missing.");
                if (!stored.Shape.SequenceEqual(tensor.shape))
                    throw new InvalidDataException($"Cannot load {source}: the tensor '{full}' is [{string.Join(", ", stored.Shape)}]; expected [{string.Join(", ", tensor.shape)}].");
                if (!Array.TrueForAll(stored.Values, float.IsFinite))
                    throw new InvalidDataException($"Cannot load {source}: the tensor '{full}' holds values that are not finite.");
                tensor.copy_(torch.tensor(stored.Values, stored.Shape));
            }
        }
        if (weights.Count > 0)
            throw new InvalidDataException($"Cannot load {source}: it holds the unknown tensor '{weights.Keys.First()}'.");
    }

    private static Stream Open(ZipArchive zip, string name) =>
        zip.GetEntry(name)?.Open() ?? throw new InvalidDataException($"it has no entry '{name}'");

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
    /// <summary>The default sizes for a set of nouns: under a million parameters in all.</summary>
    public static DrSegModelShape ForNouns(IReadOnlyList<string> nouns)
    {
        int queryTokens = new QueryVocabulary(nouns).Size;
        return new DrSegModelShape(nouns, new CompactPolicyShape(queryTokens), new CompactSegmenterShape(), new ConfirmationShape(queryTokens));
    }
}
