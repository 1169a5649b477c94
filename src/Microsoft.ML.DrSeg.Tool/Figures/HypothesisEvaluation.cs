using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>
/// Runs a model over examples with a second look at every one of them and keeps what every hypothesis was worth.
/// Whatever a rule of choice would have answered (the greedy answer, the learned threshold, the perfect choice) can
/// then be read off the same records, so that rules are compared on the very same hypotheses.
/// </summary>
internal static class HypothesisEvaluation
{
    private const int BatchSize = 32, PiecesPerModel = 2;

    // Between processes; numbers come out as they went in, to the last bit.
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Evaluates examples 0 to <paramref name="count"/> - 1.</summary>
    /// <param name="loop">What answers.</param>
    /// <param name="nouns">The nouns that queries ask for: the classes that results are counted by.</param>
    /// <param name="examples">The example of a number; safe to call from several threads.</param>
    /// <param name="count">How many.</param>
    /// <param name="looking">How much to look; its threshold is passed over.</param>
    /// <param name="seed">Fixes the sampled hypotheses.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="answered">Told the answers to each example that this process evaluates, and what they are worth.</param>
    /// <param name="group">The processes that share the batches out, each of which gets all results; null for this one alone.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    public static EvaluatedQuery[] Run(
        LookToConfirmLoop loop, IReadOnlyList<string> nouns, Func<long, SegmentationExample> examples, int count, LookToConfirmOptions looking, ulong seed,
        IProgress<TrainingProgress>? progress = null, Action<LookToConfirmResult, EvaluatedQuery>? answered = null, IProcessGroup? group = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(nouns);
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(looking);
        LookToConfirmOptions always = looking with { Threshold = float.PositiveInfinity };
        var classes = nouns.Select((noun, index) => (noun, index)).ToDictionary(pair => pair.noun, pair => pair.index);
        int batches = (count + BatchSize - 1) / BatchSize;
        using var ahead = new ReadAhead<SegmentationExample[]>(Enumerable.Range(0, batches).Where(number => group?.IsOwn(number) ?? true).Select(number =>
        {
            int first = number * BatchSize;
            var batch = new SegmentationExample[Math.Min(BatchSize, count - first)];
            Parallel.For(0, batch.Length, i => batch[i] = examples(first + i));
            return batch;
        }), bound: 1);

        var evaluated = new List<EvaluatedQuery[]>(batches);
        foreach (SegmentationExample[] batch in ahead.Rest(cancellationToken))
        {
            SegmentationQuery[] queries = [.. batch.Select(e => new SegmentationQuery(e.Image, e.Query, e.Id))];
            using LookToConfirmSession session = loop.Run(queries, always, seed);
            evaluated.Add([.. batch.Select((example, i) => classes.TryGetValue(example.Query, out int noun)
                ? Measure(example, noun, session.Results[i], always)
                : throw new ArgumentException($"Example {example.Id} asks for '{example.Query}', which is none of the nouns: {string.Join(", ", nouns)}.", nameof(examples)))]);
            for (int i = 0; i < batch.Length; i++) answered?.Invoke(session.Results[i], evaluated[^1][i]);
            progress?.Report(new TrainingProgress("evaluation", Math.Min(count, evaluated.Count * BatchSize * (group?.Size ?? 1)), count, new Dictionary<string, double>()));
        }
        return group is null or { Size: 1 } ? [.. evaluated.SelectMany(batch => batch)]
            : Gathering.Interleave([.. group.Gather(JsonSerializer.SerializeToUtf8Bytes(evaluated, Json)).Select(bytes => JsonSerializer.Deserialize<EvaluatedQuery[][]>(bytes, Json)!)]);
    }

    /// <summary>Evaluates several compact models on the same examples, in pieces, so that no core idles while another finishes the last model.</summary>
    /// <param name="models">The models.</param>
    /// <param name="examples">As of <see cref="Run"/>.</param>
    /// <param name="count">As of <see cref="Run"/>.</param>
    /// <param name="looking">As of <see cref="Run"/>.</param>
    /// <param name="seed">As of <see cref="Run"/>.</param>
    /// <param name="progress">Who is told of a piece, given its model's title and first example.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <returns>The examples' results for each model.</returns>
    public static EvaluatedQuery[][] RunSideBySide(
        IReadOnlyList<(string Title, DrSegModel Model)> models, Func<long, SegmentationExample> examples, int count, LookToConfirmOptions looking, ulong seed,
        Func<string, int, IProgress<TrainingProgress>> progress, CancellationToken cancellationToken)
    {
        var pieces = models.SelectMany(entry => Enumerable.Range(0, PiecesPerModel).Select(piece =>
            (entry.Title, entry.Model, From: count * piece / PiecesPerModel, To: count * (piece + 1) / PiecesPerModel))).ToArray();
        EvaluatedQuery[][] evaluated = SideBySide.Run(pieces, piece => Run(
            new LookToConfirmLoop(piece.Model), piece.Model.Vocabulary.Nouns, index => examples(piece.From + index), piece.To - piece.From, looking, seed,
            progress(piece.Title, piece.From), cancellationToken: cancellationToken), cancellationToken);
        return [.. evaluated.Chunk(PiecesPerModel).Select(parts => parts.SelectMany(part => part).ToArray())];
    }

    private static EvaluatedQuery Measure(SegmentationExample example, int noun, LookToConfirmResult result, LookToConfirmOptions looking)
    {
        SegmentedObject[] wanted = [.. example.Objects.Select(SegmentedObject.Of)];
        return new(
            example.Id,
            [.. result.Hypotheses.Select(hypothesis => new EvaluatedHypothesis(
                QueryResult.Measure(noun, hypothesis.Mask, example.Mask)
                    .WithObjects(hypothesis.Generated.Objects ?? [], wanted, example.Mask.Width, example.Mask.Height),
                hypothesis.Confidence, hypothesis.Plausibility(looking), hypothesis.Generated.LogProbability, hypothesis.Look))],
            result.Provisional);
    }
}
