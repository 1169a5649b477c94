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
    private readonly List<float> _confidences = [];
    private readonly List<float> _gains = [];

    /// <summary>Examples so far.</summary>
    public int Count => _gains.Count;

    /// <summary>Mean gain of a second look so far, in IoU; 0 before the first example.</summary>
    public float MeanGain => _gains.Count == 0 ? 0 : _gains.Average();

    /// <summary>Looks at a batch of examples.</summary>
    public void Add(IReadOnlyList<SegmentationExample> batch)
    {
        SegmentationQuery[] queries = [.. batch.Select(e => new SegmentationQuery(e.Image, e.Query, e.Id))];
        using LookToConfirmSession session = new LookToConfirmLoop(model).Run(queries, _always, seed);
        for (int i = 0; i < batch.Count; i++)
        {
            LookToConfirmResult result = session.Results[i];
            double Iou(int index) => result.Hypotheses[index].Mask?.IntersectionOverUnion(batch[i].Mask) ?? 0;
            _confidences.Add(result.Hypotheses[result.Provisional].Confidence);
            _gains.Add((float)(Iou(result.Chosen) - Iou(result.Provisional)));
        }
    }

    /// <summary>The threshold that all examples together teach.</summary>
    /// <param name="cost">Price of a second look, in IoU.</param>
    public float Threshold(float cost) => ConfidenceThreshold.Learn(_confidences.ToArray(), _gains.ToArray(), cost);
}
