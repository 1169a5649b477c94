namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>The qualities of one candidate that a reward can be made of; each lies in [0, 1], 1 is best.</summary>
public enum RewardComponent
{
    /// <summary>Intersection over union of the candidate's mask and the true mask.</summary>
    MaskIoU,

    /// <summary>Dice coefficient of the candidate's mask and the true mask.</summary>
    Dice,

    /// <summary>Average precision of the one mask: the share of the IoU thresholds .50, .55 to .95 that it reaches.</summary>
    AveragePrecision,

    /// <summary>Intersection over union of answered and true boxes: the mean over matched objects.</summary>
    BoxIoU,

    /// <summary>Closeness of answered and true points: the mean over matched objects.</summary>
    PointScore,

    /// <summary>Agreement of the number of answered objects with the number of true ones.</summary>
    CountScore,

    /// <summary>Intersection over union of the bands along the borders of the candidate's mask and the true mask.</summary>
    BoundaryIoU,

    /// <summary>Closeness of the sides of answered and true boxes: the mean over matched objects.</summary>
    BoxL1Score,

    /// <summary>1 for a text that holds to the grammar of answers.</summary>
    Format,

    /// <summary>1 for a text with a look span that is not blank.</summary>
    LookSpan,

    /// <summary>1 for a text that does not repeat itself or the prompt's placeholders.</summary>
    NonRepetition,
}

/// <summary>A component with the weight it has in a weighted mean.</summary>
/// <param name="Component">The component.</param>
/// <param name="Weight">Its weight, positive and finite; only the ratios between weights matter.</param>
public readonly record struct WeightedComponent(RewardComponent Component, double Weight = 1);
