using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// The file of a <see cref="DrSegModel"/>: an archive of <c>model.json</c>, its sizes, words and threshold, and
/// <c>weights.safetensors</c>. Other files are model files with more entries.
/// </summary>
internal static class DrSegModelFile
{
    private const int FormatVersion = 2, OldestVersion = 1;
    private const string HeaderEntry = "model.json";
    private const string WeightsEntry = "weights.safetensors";

    private static readonly JsonSerializerOptions HeaderOptions = new()
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    // Files without a format are older than formats.
    private sealed record Header(int Version, JsonElement Shape, float Threshold, string Format = "Compact");

    public static void Write(Stream stream, DrSegModel model)
    {
        using var scope = NewDisposeScope();
        Archive.Write(stream, CompressionLevel.Optimal, Entries(model));
    }

    public static IEnumerable<Archive.Entry> Entries(DrSegModel model) =>
    [
        new(HeaderEntry, stream => JsonSerializer.Serialize(stream, new Header(FormatVersion, model.Describe(), model.Threshold, model.Format.Name))),
        new(WeightsEntry, stream => SafetensorsFile.Write(stream, model.Weights())),
    ];

    public static bool IsIn(ZipArchive zip) => zip.GetEntry(HeaderEntry) is not null || zip.GetEntry(WeightsEntry) is not null;

    public static string ChecksumIn(ZipArchive zip)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Archive.Read(zip, HeaderEntry));
        hash.AppendData(Archive.Read(zip, WeightsEntry));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <param name="stream">Where from; can seek.</param>
    /// <param name="source">What to call it in errors.</param>
    /// <param name="device">Where the model is to live; null for the processor.</param>
    public static DrSegModel Read(Stream stream, string source, Device? device)
    {
        try
        {
            using ZipArchive zip = Archive.Open(stream);
            return Read(zip, device);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"Cannot load {source} as a Dr. Seg model: {error.Message}{Remedy(error, "DrSegModel.Save")}", error);
        }
    }

    public static DrSegModel Read(ZipArchive zip, Device? device)
    {
        DrSegModel? model = null;
        try
        {
            Header header = ReadHeader(zip);
            using var bytes = new MemoryStream(Archive.Read(zip, WeightsEntry));
            Dictionary<string, (long[] Shape, float[] Values)> weights = SafetensorsFile.Read(bytes, WeightsEntry);
            // First the names and shapes, so that sizes which the weights do not fill are given no memory.
            var format = ModelFormat.Find(header.Format);
            Dictionary<string, long[]> expected = format.Outline(header.Shape);
            format.Upgrade(header.Version, weights, expected);
            weights.RequireShapes(expected);

            model = format.CreateChecked(header.Shape, TorchDevice.OrProcessor(device));
            model.Threshold = header.Threshold;
            using var scope = NewDisposeScope();
            IReadOnlyDictionary<string, Tensor> made = model.Weights();
            format.RequireTensors(made, expected, "its outline on META");
            foreach ((string name, Tensor tensor) in made)
                weights.Take(name, tensor);
            return model;
        }
        catch (Exception error)
        {
            model?.Dispose();
            // libtorch refuses impossible sizes with an ExternalException.
            if (error is JsonException or ArgumentException or ExternalException or NotSupportedException)
                throw new InvalidDataException(error.Message, error);
            throw;
        }
    }

    /// <summary>What to do about a file that cannot be loaded; nothing can be done to one of an unknown kind, whose error says what to do instead.</summary>
    /// <param name="saving">What writes such files.</param>
    public static string Remedy(Exception error, string saving) =>
        error is NotSupportedException || error.InnerException is NotSupportedException ? "" : $" Fetch it again, or save it again with {saving} of this version.";

    private static Header ReadHeader(ZipArchive zip)
    {
        Header header = JsonSerializer.Deserialize<Header>(Archive.Read(zip, HeaderEntry), HeaderOptions) ?? throw new InvalidDataException($"Its {HeaderEntry} is empty.");
        return header.Version is >= OldestVersion and <= FormatVersion
            ? header
            : throw new InvalidDataException($"It has format version {header.Version}; this library reads versions {OldestVersion} to {FormatVersion}.");
    }
}
