using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// A Qwen visual language model as a policy: frozen weights that all its copies share, and an adapter of its own, which training changes.
/// Its frozen reference is the model without the adapter, or, where a run begins with an adapter that already says something, a copy of that.
/// </summary>
internal sealed class QwenPolicy : IVisionLanguagePolicy
{
    private static readonly SharedPool<BaseKey, QwenWeights> Loaded = new();

    private readonly SharedPool<BaseKey, QwenWeights>.Lease? _weights;
    private readonly ChatPrompt _chat;
    private readonly SeenImages _seen = new();
    private LoraAdapter? _reference;

    /// <param name="folder">The model, whose weights are read where nobody else has them.</param>
    /// <param name="type">What to hold the weights as and to compute in.</param>
    /// <param name="adapter">What is trained; the policy's from here on.</param>
    /// <param name="settings">How the model is asked.</param>
    /// <param name="device">Where it computes; META for an outline, which has no weights but the adapter's.</param>
    /// <param name="progress">Told the share of tensors that are read, 0 to 1.</param>
    /// <param name="cancellation">Stops between two tensors.</param>
    public QwenPolicy(
        QwenFolder folder, ScalarType type, LoraAdapter adapter, QwenPolicySettings settings, Device device, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        (Folder, WeightType, Adapter, Settings) = (folder, type, adapter, settings);
        _chat = new ChatPrompt(folder.Tokenizer, folder.Shape.Family);
        _weights = device.type == TorchSharp.DeviceType.META ? null : Loaded.Take(
            new BaseKey(folder.Identity, type, device.ToString()), () => QwenWeights.Read(folder, type, device, progress, cancellation));
    }

    /// <summary>The model.</summary>
    public QwenFolder Folder { get; }

    /// <summary>Type of its weights.</summary>
    public ScalarType WeightType { get; }

    /// <summary>What is trained.</summary>
    public LoraAdapter Adapter { get; }

    /// <summary>How the model is asked.</summary>
    public QwenPolicySettings Settings { get; }

    /// <inheritdoc/>
    public int LongestAnswer => Settings.LongestAnswer;

    /// <summary>The frozen weights.</summary>
    public QwenWeights Weights => _weights?.Part ?? throw new InvalidOperationException("This is an outline of a model, without weights.");

    private Device Device => Weights.Text.Device;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters() => Adapter.Parameters();

    /// <inheritdoc/>
    public string? CheckQuery(string query) => Settings.Recipe.Problem(query);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A prompt is longer than allowed, or its image does not suit the model; the message names the example.</exception>
    public PromptBatch Prepare(IReadOnlyList<PolicyPrompt> prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        var rendered = new List<QwenPrompt>(prompts.Count);
        try
        {
            foreach (PolicyPrompt prompt in prompts) rendered.Add(Render(prompt));
            return new QwenPromptBatch(prompts, [.. rendered]);
        }
        catch
        {
            foreach (QwenPrompt prompt in rendered) prompt.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public GeneratedAnswer[][] Generate(PromptBatch prompts, int answersPerPrompt, AnswerSampling sampling)
    {
        QwenPromptBatch batch = Own(prompts);
        var generator = new AnswerGenerator(Weights.Text, Weights.Distribution, [_chat.AnswerEnd, Folder.Tokenizer.Id("<|endoftext|>")], LongestAnswer);
        AskedPrompt[] asked = [.. batch.Rendered.Zip(batch.Prompts, (rendered, prompt) => new AskedPrompt(rendered.Text, new PromptKey(prompt.Id, prompt.Look)))];
        return [.. generator.Generate(asked, answersPerPrompt, sampling, Adapter).Zip(batch.Rendered, (drawn, rendered) => Array.ConvertAll(drawn, answer => Read(answer, rendered)))];
    }

    /// <inheritdoc/>
    public ScoredTokens Score(PromptBatch prompts, Tensor tokens, Tensor mask, ScoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(mask);
        using var scope = NewDisposeScope();
        LoraAdapter? adapter = options.Reference ? _reference : Adapter;
        AnswerScoring[] scorings = [.. Own(prompts).Rendered.Select((prompt, i) =>
            new AnswerScoring(Weights.Text, Weights.Distribution, adapter, prompt.Text, tokens[i], mask[i]))];
        var scored = LayerwiseScores.Of(scorings, options.Gradient, options.Entropy);
        scored.LogProbabilities.MoveToOuterDisposeScope();
        scored.Entropy?.MoveToOuterDisposeScope();
        return scored;
    }

    /// <summary>The tokens of an answer that says given objects, its end included.</summary>
    /// <param name="prompt">What it answers.</param>
    /// <param name="objects">In pixels of the whole image.</param>
    /// <param name="thinking">What stands between the think tags, look spans included.</param>
    public int[] Encode(QwenPrompt prompt, IEnumerable<SegmentedObject> objects, string thinking) =>
        [.. Folder.Tokenizer.Encode(QwenRecipe.Write(objects.Select(prompt.Shown.ToShown), prompt.Frame, thinking)), _chat.AnswerEnd];

    /// <summary>What sentences are about, as the confirming head is told it: the mean of their tokens' frozen embeddings.</summary>
    /// <returns>[B, width of the text model] of Float32, without a gradient.</returns>
    public Tensor Meanings(IReadOnlyList<string> sentences)
    {
        using var scope = NewDisposeScope();
        using IDisposable withoutGradient = no_grad();
        // Candidates are many, and what is asked for is little.
        string[] different = [.. sentences.Distinct()];
        Tensor meanings = stack(different.Select(sentence =>
        {
            int[] ids = Folder.Tokenizer.Encode([new TextPart(sentence, Trusted: false)]);
            return Weights.Text.Embed(tensor([.. ids.Select(id => (long)id)]).to(Device)).to(ScalarType.Float32).mean([0]);
        }));
        Tensor places = tensor([.. sentences.Select(sentence => (long)Array.IndexOf(different, sentence))]).to(Device);
        return meanings.index_select(0, places).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void FreezeReference()
    {
        _reference?.Dispose();
        _reference = Adapter.SaysNothing ? null : Adapter.Copy();
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> ReferenceTensors() =>
        _reference?.Tensors().ToDictionary(tensor => $"reference.{tensor.Key}", tensor => tensor.Value) ?? [];

    /// <inheritdoc/>
    public void RestoreReference(IReadOnlyDictionary<string, Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        _reference?.Dispose();
        _reference = null;
        if (tensors.Count == 0) return;
        LoraAdapter restored = Adapter.Copy();
        IReadOnlyDictionary<string, Tensor> targets = restored.Tensors();
        try
        {
            if (tensors.Count != targets.Count)
                throw new InvalidDataException($"The checkpoint holds {tensors.Count} tensors of a reference; this adapter has {targets.Count}.");
            using IDisposable withoutGradient = no_grad();
            foreach ((string name, Tensor target) in targets)
            {
                if (!tensors.TryGetValue($"reference.{name}", out Tensor? stored) || !stored.shape.SequenceEqual(target.shape))
                    throw new InvalidDataException($"The checkpoint's reference lacks the tensor '{name}' of shape [{string.Join(", ", target.shape)}].");
                target.copy_(stored);
            }
            _reference = restored;
        }
        catch
        {
            restored.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reference?.Dispose();
        Adapter.Dispose();
        _seen.Dispose();
        _weights?.Dispose();
    }

    private static QwenPromptBatch Own(PromptBatch prompts) => prompts as QwenPromptBatch
        ?? throw new ArgumentException($"The prompts were prepared by another policy: they are a {prompts?.GetType().Name ?? "null"}.", nameof(prompts));

    private QwenPrompt Render(PolicyPrompt prompt)
    {
        var shown = ShownImage.Of(prompt.View);
        QwenRecipe recipe = Settings.Recipe;
        ImageSizing sizing = shown.SizingOf(recipe.Sizing, Folder.Processing);
        AnswerFrame frame;
        PatchGrid grid;
        try
        {
            frame = (recipe with { Sizing = sizing }).FrameOf(shown.Size, Folder.Processing);
            grid = Folder.Processing.Grid(sizing.Of(shown.Size, Folder.Processing));
        }
        catch (ArgumentException error)
        {
            throw new InvalidOperationException($"The image of example {prompt.Id}: {error.Message}", error);
        }
        int imageTokens = grid.Merged(Folder.Shape.Vision.MergeSize).Patches;
        int[] ids = _chat.Encode(imageTokens, recipe.Question(prompt.Query, frame));
        if (ids.Length > Settings.LongestPrompt)
            throw new InvalidOperationException(
                $"The prompt of example {prompt.Id} has {ids.Length} tokens, {imageTokens} of them its image's; {nameof(QwenModelOptions.LongestPrompt)} allows {Settings.LongestPrompt}, and prompts are never cut. Raise it, or lower {nameof(SmartSizing.MaxPixels)} of the recipe's sizing.");
        // Only a whole image comes again: in every step's groups, and on the next pass over the data.
        VisionFeatures Encode() => Weights.Encode(ImagePatches.Of(shown.Image, sizing, Folder.Processing));
        VisionFeatures features = shown.IsWhole && prompt.View.Provisional is null ? _seen.Features(shown.Image, Encode) : Encode();
        try
        {
            return new QwenPrompt(new TextPrompt(ids, [grid], features, Folder.Shape, Device), features, shown, frame);
        }
        catch
        {
            features.Dispose();
            throw;
        }
    }

    private GeneratedAnswer Read(DrawnAnswer drawn, QwenPrompt prompt)
    {
        string text = Folder.Tokenizer.Decode(drawn.Ended ? drawn.Tokens.SkipLast(1) : drawn.Tokens);
        ParsedAnswer read = Settings.Recipe.Read(text, prompt.Frame);
        if (read is TextAnswer answer) read = answer with { Objects = [.. answer.Objects.Select(prompt.Shown.ToWhole)] };
        return new GeneratedAnswer([.. drawn.Tokens], [.. drawn.LogProbabilities], drawn.Ended, read) { Text = text };
    }
}
