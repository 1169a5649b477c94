using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Look-to-Confirm's eye beside a SAM: a small head that is learned, over SAM's own embeddings of image and mask, which are not.
/// SAM stretches an image to a square, so the cells of a confidence map divide the whole image into equal boxes of its proportions.
/// The segmenter, whose encoded images it shares, stays its owner's and has to live as long.
/// </summary>
internal sealed class SamConfirmation : IMaskConfirmation
{
    // Embedded masks of 16 candidates take 67 MB at SAM's width of 256.
    private const int BatchSize = 16;

    // A mask without logits: sam2/modeling/sam2_base.py, _use_mask_as_output.
    private const double Inside = 10, Outside = -10;

    private const double QueryEpsilon = 1e-12;

    private readonly Sam2Segmenter _segmenter;
    private readonly Func<IReadOnlyList<string>, Tensor> _embed;
    private readonly SamConfirmationNetwork _network;
    private bool _disposed;

    /// <summary>Creates a head with fresh weights, on the segmenter's device.</summary>
    /// <param name="shape">Its sizes.</param>
    /// <param name="segmenter">Encodes images; on META, the head has names and shapes of weights alone, and confirms nothing.</param>
    /// <param name="embed">Sentences to what they ask for: [B, W] of Float32, one row a sentence, on any device. No gradient goes there.</param>
    /// <param name="seed">Fixes the weights.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range.</exception>
    /// <exception cref="ArgumentException">The head is made for a SAM of another width.</exception>
    public SamConfirmation(SamConfirmationShape shape, Sam2Segmenter segmenter, Func<IReadOnlyList<string>, Tensor> embed, ulong seed)
    {
        shape.Validate();
        if (shape.FeatureWidth != segmenter.Shape.FeatureWidth)
            throw new ArgumentException($"The confirming head is made for a SAM {shape.FeatureWidth} wide; this one is {segmenter.Shape.FeatureWidth} wide.", nameof(shape));
        (Shape, _segmenter, _embed) = (shape, segmenter, embed);
        MapSide = shape.MapSide(segmenter.Shape.FeatureSide);
        Weights = SamConfirmationWeights.Fresh(shape, seed, segmenter.Device);
        _network = new SamConfirmationNetwork(shape, Weights);
    }

    /// <summary>The sizes it was made with.</summary>
    public SamConfirmationShape Shape { get; }

    /// <summary>All that it learns, by name: its own tensors, for the model's file.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights { get; }

    /// <inheritdoc/>
    public int MapSide { get; }

    // SAM's side of a mask that is a prompt.
    private int MaskSide => 4 * _segmenter.Shape.FeatureSide;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters() => Weights.Values.Cast<Parameter>();

    /// <inheritdoc/>
    /// <remarks>Until its gradient is taken it holds (calculated, at SAM's 64 x 64 places) 6 MB a candidate and 25 MB an image.</remarks>
    public Tensor Loss(IReadOnlyList<ConfirmationPrompt> prompts, IReadOnlyList<SegmentationMask> truths)
    {
        Require(prompts);
        ArgumentNullException.ThrowIfNull(truths);
        if (prompts.Count == 0 || truths.Count != prompts.Count)
            throw new ArgumentException($"There are {prompts.Count} candidates and {truths.Count} true masks; give at least one candidate, and one true mask each.", nameof(truths));
        using var scope = NewDisposeScope();
        (Tensor confidence, Tensor map) = Logits(prompts);
        JudgedMask[] judged = [.. prompts.Zip(truths, (prompt, truth) => new JudgedMask(prompt.Mask, truth, Region(prompt.Image)))];
        return ConfirmationLoss.Of(confidence, map, judged, MaskSide).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Confirmation[] Confirm(IReadOnlyList<ConfirmationPrompt> prompts)
    {
        Require(prompts);
        return [.. prompts.Chunk(BatchSize).SelectMany(ConfirmBatch)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        foreach (Tensor weight in Weights.Values)
            weight.Dispose();
    }

    private Confirmation[] ConfirmBatch(ConfirmationPrompt[] prompts)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        (Tensor confidence, Tensor map) = Logits(prompts);
        float[] values = confidence.sigmoid().Floats(), maps = map.sigmoid().Floats();
        int cells = MapSide * MapSide;
        return [.. prompts.Select((prompt, i) => new Confirmation(values[i], new ConfidenceMap(MapSide, maps[(i * cells)..((i + 1) * cells)], Region(prompt.Image))))];
    }

    // Logits of confidence [B] and map [B, C], image by image and then in the order of the prompts.
    private (Tensor Confidence, Tensor Map) Logits(IReadOnlyList<ConfirmationPrompt> prompts)
    {
        Tensor queries = Queries(prompts);
        var confidences = new List<Tensor>();
        var maps = new List<Tensor>();
        var order = new long[prompts.Count];
        int next = 0;
        foreach (IGrouping<object?, int> image in Enumerable.Range(0, prompts.Count).GroupBy(place => (object?)prompts[place].Image, ReferenceEqualityComparer.Instance))
        {
            int[] places = [.. image];
            foreach (int place in places)
                order[place] = next++;
            Tensor masks = cat([.. places.Chunk(BatchSize).Select(part => MaskCells([.. part.Select(place => prompts[place].Mask)]))], 0);
            Tensor own = queries.index_select(0, tensor(Array.ConvertAll(places, place => (long)place)).to(queries.device));
            (Tensor confidence, Tensor map) = _network.Score(See((RgbImage)image.Key!), masks, own);
            confidences.Add(confidence);
            maps.Add(map);
        }
        Tensor back = tensor(order).to(queries.device);
        return (cat(confidences, 0).index_select(0, back), cat(maps, 0).index_select(0, back));
    }

    private SeenImage See(RgbImage image)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor places = _segmenter.See(image, embedding => Normalised(embedding.Coarse.to(ScalarType.Float32)));
        Tensor grid = Flat(_segmenter.Prompts.Grid);
        return new SeenImage(places.MoveToOuterDisposeScope(), Pooled(places).MoveToOuterDisposeScope(), grid.MoveToOuterDisposeScope(), Pooled(grid).MoveToOuterDisposeScope());
    }

    // Masks as SAM embeds them, [B, C, d].
    private Tensor MaskCells(SegmentationMask[] masks)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        int side = MaskSide, area = side * side;
        var covered = new float[masks.Length * area];
        Parallel.For(0, masks.Length, i => CropSampler.Sample(masks[i], new BoundingBox(0, 0, masks[i].Width, masks[i].Height), side, covered.AsSpan(i * area, area)));
        Tensor logits = tensor(covered, [masks.Length, 1, side, side]).to(_segmenter.Device).Times(Inside - Outside).Plus(Outside);
        return Pooled(Normalised(_segmenter.Prompts.Mask(logits))).MoveToOuterDisposeScope();
    }

    private Tensor Queries(IReadOnlyList<ConfirmationPrompt> prompts)
    {
        using IDisposable noGradient = no_grad();
        Tensor queries = _embed([.. prompts.Select(prompt => prompt.Query)]);
        if (queries.dtype != ScalarType.Float32 || queries.shape is not [var rows, var width] || rows != prompts.Count || width != Shape.QueryWidth)
            throw new InvalidOperationException($"What {prompts.Count} sentences ask for came as [{string.Join(", ", queries.shape)}] of {queries.dtype}; the confirming head needs [{prompts.Count}, {Shape.QueryWidth}] of Float32.");
        // Embeddings of words are numbers of .01 and less, of every model others: brought to one size.
        return functional.layer_norm(queries.to(_segmenter.Device), [Shape.QueryWidth], eps: QueryEpsilon);
    }

    // Maps [B, d, s, s] to places [B, P, d] of one size, whatever SAM's numbers are.
    private static Tensor Normalised(Tensor map) => functional.layer_norm(Flat(map), [map.shape[1]]);

    private static Tensor Flat(Tensor map) => map.flatten(2).transpose(1, 2);

    // Places [B, P, d] to means of squares of them, [B, C, d].
    private Tensor Pooled(Tensor places)
    {
        int step = _segmenter.Shape.FeatureSide / MapSide;
        return places.reshape(places.shape[0], MapSide, step, MapSide, step, places.shape[2]).mean([2, 4]).flatten(1, 2);
    }

    private static BoundingBox Region(RgbImage image) => new(0, 0, image.Width, image.Height);

    private void Require(IReadOnlyList<ConfirmationPrompt> prompts)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(prompts);
        for (int i = 0; i < prompts.Count; i++)
        {
            (RgbImage image, _, _, SegmentationMask mask) = prompts[i];
            if ((mask.Width, mask.Height) != (image.Width, image.Height))
                throw new ArgumentException($"The mask of candidate {i} of the batch is {mask.Width} x {mask.Height} pixels, its image {image.Width} x {image.Height}.", nameof(prompts));
        }
    }
}
