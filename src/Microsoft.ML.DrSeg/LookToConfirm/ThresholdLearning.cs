using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.LookToConfirm;

/// <summary>
/// Gathers what <see cref="ConfidenceThreshold"/> learns from: every example is looked at twice, and its confidence after
/// the first look and the gain of the second are kept.
/// </summary>
internal sealed class ThresholdLearning(DrSegModel model, LookToConfirmOptions looking, ulong seed)
{
    private readonly LookToConfirmOptions _always = looking with { Threshold = float.PositiveInfinity };
    private readonly List<Lesson[]> _batches = [];

    /// <summary>Examples so far.</summary>
    public int Count => _batches.Sum(batch => batch.Length);

    /// <summary>Mean gain of a second look so far, in IoU; 0 before the first example.</summary>
    public float MeanGain => Count == 0 ? 0 : _batches.SelectMany(batch => batch).Average(lesson => lesson.Gain);

    /// <summary>Looks at a batch of examples.</summary>
    public void Add(IReadOnlyList<SegmentationExample> batch)
    {
        SegmentationQuery[] queries = [.. batch.Select(e => new SegmentationQuery(e.Image, e.Query, e.Id))];
        using LookToConfirmSession session = new LookToConfirmLoop(model).Run(queries, _always, seed);
        _batches.Add([.. session.Results.Zip(batch, (result, example) =>
        {
            double Iou(int index) => result.Hypotheses[index].Mask?.IntersectionOverUnion(example.Mask) ?? 0;
            return new Lesson(result.Hypotheses[result.Provisional].Confidence, (float)(Iou(result.Chosen) - Iou(result.Provisional)));
        })]);
    }

    /// <summary>The threshold that all examples together teach.</summary>
    /// <param name="cost">Price of a second look, in IoU.</param>
    /// <param name="group">The processes among which batches were shared out (<see cref="Gathering.IsOwn"/>); null for this one alone.</param>
    public float Threshold(float cost, IProcessGroup? group = null)
    {
        Lesson[] all = (group ?? SingleProcess.Instance).InOrder(_batches);
        return ConfidenceThreshold.Learn(Array.ConvertAll(all, lesson => lesson.Confidence), Array.ConvertAll(all, lesson => lesson.Gain), cost);
    }

    private readonly record struct Lesson(float Confidence, float Gain);
}
