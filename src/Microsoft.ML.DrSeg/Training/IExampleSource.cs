using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Rows of examples that can be read as often as is wanted; every reading gives the same.</summary>
internal interface IExampleSource
{
    /// <summary>The rows once, numbered from 0.</summary>
    IEnumerable<SegmentationExample> Once();

    /// <summary>The rows again and again; the numbers of examples go on, so that random draws differ from pass to pass.</summary>
    /// <param name="start">Where to begin: where another reading of the same rows ended.</param>
    /// <param name="order">In which order to pass over the rows; null for their own.</param>
    /// <param name="skipBad">Whether rows that are not well formed are left out and counted, instead of ending the reading.</param>
    IEnumerable<(SegmentationExample Example, DataPosition After)> Endless(
        DataPosition start = default, RowOrder? order = null, bool skipBad = false, Action<string>? skipped = null);
}
