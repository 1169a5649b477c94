using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Training.Runs;

/// <summary>Examples in memory, in their own order.</summary>
internal sealed class ListedExamples(SegmentationExample[] examples) : IExampleSource
{
    public IEnumerable<SegmentationExample> Once() => examples;

    public IEnumerable<(SegmentationExample Example, DataPosition After)> Endless(DataPosition start, RowOrder? order, bool skipBad, Action<string>? skipped)
    {
        Assert.That((start, order), Is.EqualTo((default(DataPosition), (RowOrder?)null)));
        for (DataPosition position = start; ; position = position.NextPass())
            foreach (SegmentationExample example in examples)
            {
                DataPosition before = position;
                position = position.After(isSkipped: false);
                yield return (example with { Id = before.Examples }, position);
            }
    }
}
