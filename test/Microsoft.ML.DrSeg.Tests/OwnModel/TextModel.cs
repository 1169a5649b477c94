using System.Text.Json;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.OwnModel;

/// <summary>Sizes of a <see cref="TextPolicy"/>: all that its model is besides weights and threshold.</summary>
/// <param name="Width">Numbers a word.</param>
/// <param name="Rank">Rank of what training adds.</param>
internal sealed record TextModelShape(int Width, int Rank)
{
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Rank, 1);
    }
}

/// <summary>A model of parts of one's own, all three, with a format of its own.</summary>
internal static class TextModel
{
    public static TextModelShape Shape { get; } = new(Width: 16, Rank: 4);

    public static DrSegModel Fresh(int seed = 1, ModelFormat? format = null)
    {
        manual_seed(seed);
        return Create(Shape, CPU, format ?? TextModelFormat.Instance);
    }

    /// <summary>One that has learned something, though nobody knows what.</summary>
    public static DrSegModel Changed(ModelFormat? format = null)
    {
        DrSegModel model = Fresh(format: format);
        Change(model);
        return model;
    }

    public static void Change(DrSegModel model)
    {
        using var scope = NewDisposeScope();
        using IDisposable withoutGradient = no_grad();
        foreach (Tensor trained in model.Policy.Parameters()) trained.add_(randn(trained.shape).mul_(0.5f));
    }

    /// <summary>All weights, one after the other.</summary>
    public static float[] Weights(DrSegModel model) =>
        [.. model.Weights().OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value.detach().data<float>().ToArray())];

    public static DrSegModel Create(TextModelShape shape, Device device, ModelFormat format) =>
        new(new TextPolicy(shape, device), new ThresholdSegmenter(), new ColourConfirmation(), format);
}

/// <summary>How such models are written to files and made again.</summary>
internal sealed class TextModelFormat(string name = "Pieces") : ModelFormat
{
    private static readonly JsonSerializerOptions Json = new() { RespectRequiredConstructorParameters = true };

    public static TextModelFormat Instance { get; } = new();

    public override string Name => name;

    public override JsonElement Describe(DrSegModel model) => JsonSerializer.SerializeToElement(((TextPolicy)model.Policy).Shape, Json);

    public override IReadOnlyDictionary<string, Tensor> Weights(DrSegModel model) => ((TextPolicy)model.Policy).Weights();

    public override DrSegModel Create(JsonElement description, Device device) => TextModel.Create(description.Deserialize<TextModelShape>(Json) ?? throw new JsonException("The sizes are missing."), device, this);
}
