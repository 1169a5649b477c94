using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Gives training its examples, read and decoded on another thread, and knows how far it has come.</summary>
internal sealed class ExampleFeed : IDisposable
{
    private const int StepsAhead = 2;

    private readonly ReadAhead<(SegmentationExample Example, DataPosition After)> _ahead;

    /// <param name="skipped">Told why a row is left out; from another thread.</param>
    public ExampleFeed(IExampleSource source, DataPosition start, SamplingOptions options, int seed, Action<string> skipped)
    {
        Position = start;
        RowOrder? order = options.ShufflePoolSize > 0 ? new RowOrder(seed, options.ShufflePoolSize) : null;
        _ahead = new(source.Endless(start, order, options.SkipBadRows, skipped), StepsAhead * options.QueriesPerStep);
    }

    /// <summary>How far it has come: past the examples taken, whatever was read ahead.</summary>
    public DataPosition Position { get; private set; }

    public SegmentationExample[] Take(int count)
    {
        var examples = new SegmentationExample[count];
        for (int i = 0; i < count; i++)
            (examples[i], Position) = _ahead.Take();
        return examples;
    }

    public void Dispose() => _ahead.Dispose();
}
