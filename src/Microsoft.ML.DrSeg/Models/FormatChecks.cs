using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// Asks formats, which anyone may bring, and checks that they do as <see cref="ModelFormat"/> says: a mistake in one would
/// otherwise show as weights that are left out of a file or never read from it.
/// </summary>
internal static class FormatChecks
{
    private const int LongestDescription = 200;

    public static DrSegModel CreateChecked(this ModelFormat format, JsonElement description, Device device)
    {
        DrSegModel? model;
        try
        {
            model = format.Create(description, device);
        }
        // What reading a JsonElement throws where it is not what was expected.
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException or OverflowException)
        {
            string said = description.GetRawText();
            throw new InvalidDataException($"{Method(format, nameof(format.Create))} makes no model of the description {(said.Length > LongestDescription ? $"{said.AsSpan(0, LongestDescription)}.." : said)}: {error.Message}", error);
        }
        if (model?.KnownFormat?.Name == format.Name)
            return model;
        string problem = model is null ? "gave null" : $"made a model {(model.KnownFormat is { } other ? $"of the format '{other.Name}'" : "without a format")}";
        model?.Dispose();
        throw new InvalidOperationException($"{Method(format, nameof(format.Create))} {problem}. Give the model's constructor the format '{format.Name}', so that it can be saved again.");
    }

    public static IReadOnlyDictionary<string, Tensor> WeightsChecked(this ModelFormat format, DrSegModel model)
    {
        string method = Method(format, nameof(format.Weights));
        IReadOnlyDictionary<string, Tensor> weights = format.Weights(model) ?? throw new InvalidOperationException($"{method} gave null.");
        foreach ((string name, Tensor tensor) in weights)
            if (tensor is null || tensor.dtype != ScalarType.Float32)
                throw new InvalidOperationException($"{method} gives the tensor '{name}' as {tensor?.dtype.ToString() ?? "null"}; a file holds {ScalarType.Float32}. Leave out what is not trained and can be read from elsewhere, and say in the description where.");
        return weights;
    }

    /// <summary>Names and shapes of the tensors of a model of this description, however large, without memory for them.</summary>
    public static Dictionary<string, long[]> Outline(this ModelFormat format, JsonElement description)
    {
        using var scope = NewDisposeScope();
        using DrSegModel outline = format.CreateChecked(description, META);
        IReadOnlyDictionary<string, Tensor> weights = outline.Weights();
        foreach ((string name, Tensor tensor) in weights)
            if (tensor.device_type != DeviceType.META)
                throw new InvalidOperationException($"{Method(format, nameof(format.Create))} makes the tensor '{name}' on {tensor.device} where META is asked for: names and shapes, which take no memory, so that a file which promises too much is refused in time.");
        return Shapes(weights);
    }

    /// <param name="of">What these are those of, for the error.</param>
    public static void RequireTensors(this ModelFormat format, IReadOnlyDictionary<string, Tensor> made, IReadOnlyDictionary<string, long[]> expected, string of)
    {
        Dictionary<string, long[]> found = Shapes(made);
        string? other = found.Keys.Union(expected.Keys).FirstOrDefault(name => Text(found, name) != Text(expected, name));
        if (other is not null)
            throw new InvalidOperationException($"{Method(format, nameof(format.Create))} makes a model whose tensor '{other}' is {Text(found, other)}; in {of} it is {Text(expected, other)}. {nameof(format.Describe)}, {nameof(format.Weights)} and {nameof(format.Create)} must speak of the same tensors, on every device.");
    }

    public static Dictionary<string, long[]> Shapes(IReadOnlyDictionary<string, Tensor> tensors) => tensors.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.shape);

    private static string Text(IReadOnlyDictionary<string, long[]> shapes, string name) =>
        shapes.TryGetValue(name, out long[]? shape) ? $"[{string.Join(", ", shape)}]" : "missing";

    private static string Method(ModelFormat format, string name) => $"{format.GetType().Name}.{name}";
}
