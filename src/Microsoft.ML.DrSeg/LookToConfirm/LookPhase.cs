namespace Microsoft.ML.DrSeg.LookToConfirm;

/// <summary>What looking at images spends its time on.</summary>
internal enum LookPhase
{
    /// <summary>Rendering images and queries for the policy.</summary>
    Prompt,

    /// <summary>Generating answers.</summary>
    Sampling,

    /// <summary>Turning answers into masks.</summary>
    Segmentation,

    /// <summary>Checking masks against their images.</summary>
    Confirmation,
}
