namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>
/// Which scenes may be composed. Splits share neither a background nor a scene; all but the last share their cut-outs.
/// </summary>
public enum SceneSplit
{
    /// <summary>For training.</summary>
    Train = 0,

    /// <summary>For choosing settings.</summary>
    Tune = 1,

    /// <summary>For the figures reported.</summary>
    Test = 2,

    /// <summary>The test backgrounds; the one object that is asked about is a cut-out held back from every other split.</summary>
    UnseenCutout = 3,
}
