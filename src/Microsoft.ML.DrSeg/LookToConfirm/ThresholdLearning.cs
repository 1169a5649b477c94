using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.LookToConfirm;

/// <summary>
/// Gathers what <see cref="ConfidenceThreshold"/> learns from: every example is looked at twice, and its confidence after
/// the first look and the gain of the second are kept.
/// </summary>
internal sealed class ThresholdLearning(DrSegModel model, LookToConfirmOptions looking, ulong seed)
{
    private readonly LookToConfirmOptions always = looking with { Threshold = float.PositiveInfinity };
    private readonly List<float> confidences = [];
    private readonly List<float> gains = [];

    /// <summary>Examples so far.</summary>
    public int Count => gains.Count;

    /// <summary>Mean gain of a second look so far, in IoU; 0 before the first example.</summary>
    public float MeanGain => gains.Count == 0 ? 0 : gains.Average();

    /// <summary>Looks at a batch of examples.</summary>
    public void Add(IReadOnlyList<SegmentationExample> batch)
    {
        SegmentationQuery[] queries = [.. batch.Select(e => new SegmentationQuery(e.Image, e.Query, e.Id))];
        using LookToConfirmSession session = new LookToConfirmLoop(model).Run(queries, always, seed);
        for (int i = 0; i < batch.Count; i++)
        {
            LookToConfirmResult result = session.Results[i];
            double Iou(int index) => result.Hypotheses[index].Mask?.IntersectionOverUnion(batch[i].Mask) ?? 0;
            confidences.Add(result.Hypotheses[result.Provisional].Confidence);
            gains.Add((float)(Iou(result.Chosen) - Iou(result.Provisional)));
        }
    }

    /// <summary>The threshold that all examples together teach.</summary>
    /// <param name="cost">Price of a second look, in IoU.</param>
    public float Threshold(float cost) => ConfidenceThreshold.Learn(confidences.ToArray(), gains.ToArray(), cost);
}
