using System.IO.Compression;
using System.Text.Json;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// Everything that a run needs to go on as if nothing had happened, but for tensors. A checkpoint is a model file (see
/// <see cref="DrSegModel"/>: policy, segmenter, confirming head, threshold) with two more entries: this record as JSON, and
/// the reference's weights and the optimiser's moments as safetensors. Random numbers need no state: every draw depends on
/// the seed, the step and the example alone.
/// </summary>
internal sealed record TrainingCheckpoint
{
    public const int FormatVersion = 2;

    private const string StateEntry = "training.json";
    private const string TensorsEntry = "training.safetensors";

    private static readonly JsonSerializerOptions Json = new()
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        WriteIndented = true,
    };

    public required int Version { get; init; }

    public required int Step { get; init; }

    /// <summary>How often the optimiser has stepped each parameter; the schedule stands at the sum of all updates.</summary>
    public required long[] ParameterSteps { get; init; }

    /// <summary>Updates done, which the learning rate depends on.</summary>
    public required int Updates { get; init; }

    /// <summary>The same of the confirming head's optimiser; null where the head does not learn.</summary>
    public OptimizerProgress? Confirmation { get; init; }

    /// <summary>Where the data are to be read on.</summary>
    public required DataPosition Data { get; init; }

    public required IReadOnlyDictionary<RewardComponent, double[]> Reward { get; init; }

    public required ValidationState Validation { get; init; }

    public required IReadOnlyDictionary<string, string> Course { get; init; }

    /// <summary>Checksum (SHA-256) of the weights that the run began with.</summary>
    public required string BaseModel { get; init; }

    /// <param name="tensors">Reference and moments, by name.</param>
    public void Write(string path, DrSegModel model, IReadOnlyDictionary<string, Tensor> tensors) => AtomicFile.Write(path, stream =>
    {
        using var scope = NewDisposeScope();
        Archive.Write(stream, CompressionLevel.NoCompression,
        [
            .. DrSegModelFile.Entries(model),
            new(StateEntry, entry => JsonSerializer.Serialize(entry, this, Json)),
            new(TensorsEntry, entry => SafetensorsFile.Write(entry, tensors)),
        ]);
    });

    /// <summary>Reads a checkpoint whole; the caller disposes the model.</summary>
    public static (TrainingCheckpoint State, DrSegModel Model, Dictionary<string, (long[] Shape, float[] Values)> Tensors) Read(string path, Device device)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            using ZipArchive zip = Archive.Open(stream);
            TrainingCheckpoint state = Parse(Archive.Read(zip, StateEntry));
            using var bytes = new MemoryStream(Archive.Read(zip, TensorsEntry));
            Dictionary<string, (long[] Shape, float[] Values)> tensors = SafetensorsFile.Read(bytes, TensorsEntry);
            // The model last: it is the one thing here that somebody has to dispose.
            return (state, DrSegModelFile.Read(zip, device), tensors);
        }
        catch (Exception error) when (error is InvalidDataException or JsonException)
        {
            throw new InvalidDataException($"Cannot resume from '{path}': {error.Message}", error);
        }
    }

    // The version first: a checkpoint of another one may hold anything else.
    private static TrainingCheckpoint Parse(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        int version = document.RootElement.TryGetProperty(nameof(Version), out JsonElement found) && found.TryGetInt32(out int number) ? number : 0;
        if (version != FormatVersion)
            throw new InvalidDataException($"It is a checkpoint of version {version}; this library reads version {FormatVersion}. Resume with the library that wrote it.");
        return document.Deserialize<TrainingCheckpoint>(Json) ?? throw new InvalidDataException($"Its {StateEntry} is empty.");
    }
}
