using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>A reference model, loaded: its two prompts with their images, and plain ways to run it that share nothing with the ones under test.</summary>
internal sealed class TinyQwen : IDisposable
{
    private readonly VisionFeatures[] _features;

    public TinyQwen(string name, ScalarType type = ScalarType.Float32)
    {
        Reference = new ReferenceModel(name);
        Tower = QwenVisionTower.Read(Reference.Shape, Reference.Weights, ScalarType.Float32, CPU);
        Model = TextModel.Read(Reference.Shape.Text, Reference.Weights, type, CPU);
        using IDisposable withoutGradient = no_grad();
        _features = [.. Reference.Grids.Select((_, image) => Encode(image))];
        Prompts = [.. Reference.Prompts.Select((tokens, prompt) => Prompt(prompt, tokens))];
    }

    public ReferenceModel Reference { get; }

    public QwenVisionTower Tower { get; }

    public TextModel Model { get; }

    public TextPrompt[] Prompts { get; }

    /// <summary>What the tower makes of an image.</summary>
    public VisionFeatures Encode(int image)
    {
        using var scope = NewDisposeScope();
        Tensor patches = Reference.Data("pixel_values").narrow(0, Reference.Grids.Take(image).Sum(grid => grid.Patches), Reference.Grids[image].Patches);
        VisionFeatures features = Tower.Encode(patches, [Reference.Grids[image]]);
        foreach (Tensor tensor in features.Deepstack.Append(features.Tokens)) tensor.MoveToOuterDisposeScope();
        return features;
    }

    /// <summary>A prompt about one of the images.</summary>
    public TextPrompt Prompt(int image, IReadOnlyList<int> tokens, VisionFeatures? features = null) =>
        new(tokens, [Reference.Grids[image]], features ?? _features[image], Reference.Shape, CPU);

    /// <summary>What the last layer gives for a prompt alone, [S, H].</summary>
    public Tensor Hidden(TextPrompt prompt, LoraAdapter? adapter = null)
    {
        using var scope = NewDisposeScope();
        var attention = new SharedPromptAttention(Model.Shape, prompt.Length, 0, 0, CPU);
        var rotation = TextRotation.Of(Model.Shape, prompt.Positions, Model.Type);
        Tensor hidden = Model.Embed(prompt);
        for (int layer = 0; layer < Model.Shape.Layers; layer++)
            hidden = Model.Run(layer, hidden, rotation, attention.Attend, adapter, prompt);
        attention.Dispose();
        return hidden.MoveToOuterDisposeScope();
    }

    /// <summary>Scores where the tokens of an answer are expected, [T, V]: the answer stands behind the prompt as if it were more of it.</summary>
    public Tensor Logits(int image, IReadOnlyList<int> answer, LoraAdapter? adapter = null, VisionFeatures? features = null)
    {
        using var scope = NewDisposeScope();
        using TextPrompt whole = Prompt(image, [.. Reference.Prompts[image], .. answer.SkipLast(1)], features);
        return Model.Logits(Hidden(whole, adapter).narrow(0, whole.Length - answer.Count, answer.Count)).MoveToOuterDisposeScope();
    }

    /// <summary>The reference's answers to the second prompt, [1, 3, 7].</summary>
    public Tensor Answers() => Reference.Data("group.answers").unsqueeze(0);

    public int[][] AnswerTokens() => [.. Reference.Whole("group.answers").Select(token => (int)token).Chunk(7)];

    /// <summary>The adapter beside the first reference model.</summary>
    public static LoraAdapter ReferenceAdapter(TextShape shape) => AdapterFolder.Read(Tests.Reference.PathOf("qwen2_5_vl_tied.adapter"), shape, CPU);

    public void Dispose()
    {
        foreach (TextPrompt prompt in Prompts) prompt.Dispose();
        foreach (VisionFeatures features in _features) features.Dispose();
        Model.Dispose();
        Tower.Dispose();
        Reference.Dispose();
    }
}
