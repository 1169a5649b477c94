using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// The file of fitted steps: a model file (see <see cref="DrSegModel"/>) with one more entry, <c>pipeline.json</c>, that lists
/// the steps and their columns. A file of steps is a model file, and a model file one of a single step with the usual columns.
/// Nothing in it is ever executed or written to disk under a name that it gives.
/// </summary>
internal static class DrSegFile
{
    public const string StepsEntry = "pipeline.json";

    private const int FormatVersion = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        IncludeFields = true,
        Converters = { new JsonStringEnumConverter(allowIntegerValues: false) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        WriteIndented = true,
    };

    private sealed record Content(int Version, SavedStep[] Steps);

    /// <summary>The steps of this library in a transformer or chain. Others around them are passed over: they hold nothing learned here.</summary>
    public static RowTransformer[] StepsOf(ITransformer transformer)
    {
        ITransformer[] all = [.. Flatten(transformer)];
        int first = Array.FindIndex(all, step => step is RowTransformer), last = Array.FindLastIndex(all, step => step is RowTransformer);
        if (first < 0)
            throw new InvalidOperationException($"There is nothing to save: {transformer.GetType().Name} holds no step of Dr. Seg. Use mlContext.Model.Save for steps of ML.NET.");
        ITransformer[] between = all[first..(last + 1)];
        return Array.Find(between, step => step is not RowTransformer) is { } foreign
            ? throw new InvalidOperationException($"{foreign.GetType().Name} stands between two steps of Dr. Seg, and such a file cannot hold it. Put it before or after them, or use mlContext.Model.Save.")
            : [.. between.Cast<RowTransformer>()];
    }

    public static void Write(Stream stream, IReadOnlyList<RowTransformer> steps)
    {
        DrSegModel[] models = [.. steps.Select(step => step.SavedModel).OfType<DrSegModel>().Distinct()];
        if (models.Length > 1)
            throw new InvalidOperationException($"The steps have {models.Length} different models, and such a file holds one. Save the steps one by one.");
        var content = new Content(FormatVersion, [.. steps.Select(step => step.ToSaved())]);
        using var scope = NewDisposeScope();
        Archive.Write(stream, CompressionLevel.Optimal,
        [
            .. models.SelectMany(DrSegModelFile.Entries),
            new(StepsEntry, entry => JsonSerializer.Serialize(entry, content, Json)),
        ]);
    }

    /// <param name="stream">Where from; can seek.</param>
    /// <param name="source">What to call it in errors.</param>
    /// <param name="loadModel">Loads the model, where the steps have one.</param>
    public static RowTransformer[] Read(Stream stream, string source, Func<ZipArchive, DrSegModel> loadModel)
    {
        try
        {
            using ZipArchive zip = Archive.Open(stream);
            SavedStep[] steps = zip.GetEntry(StepsEntry) is null ? [SavedGrpoSegmentation.Of(new())] : Parse(Archive.Read(zip, StepsEntry));
            var models = new ModelOfSteps(DrSegModelFile.IsIn(zip) ? loadModel(zip) : null);
            return [.. steps.Select(step => step.Restore(models))];
        }
        catch (Exception error) when (error is InvalidDataException or JsonException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"Cannot load {source} as a Dr. Seg model: {error.Message}{DrSegModelFile.Remedy(error, "SaveDrSeg")}", error);
        }
    }

    private static SavedStep[] Parse(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        int version = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(nameof(Content.Version), out JsonElement found) && found.TryGetInt32(out int number) ? number : 0;
        if (version != FormatVersion)
            throw new InvalidDataException($"Its {StepsEntry} has version {version}; this library reads version {FormatVersion}.");
        return document.Deserialize<Content>(Json)?.Steps is { Length: > 0 } steps && Array.TrueForAll(steps, step => step is not null)
            ? steps
            : throw new InvalidDataException($"Its {StepsEntry} lists no steps.");
    }

    private static IEnumerable<ITransformer> Flatten(ITransformer transformer) => transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [transformer];
}
