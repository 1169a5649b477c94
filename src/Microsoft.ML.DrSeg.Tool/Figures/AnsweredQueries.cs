using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.LookToConfirm;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>The answers that Look-to-Confirm chose, one record an object, as a file of COCO's results.</summary>
/// <param name="rows">What was asked, by the example's number.</param>
/// <param name="threshold">Below it Look-to-Confirm looks again.</param>
internal sealed class AnsweredQueries(IReadOnlyList<AnnotatedQuery> rows, float threshold) : IDisposable
{
    private readonly Func<EvaluatedQuery, int> _choose = HypothesisChoice.BelowThreshold(threshold);
    private readonly bool _sentences = rows.Any(row => row.Query != row.Category.Name);
    private readonly MemoryStream _written = new();
    private PredictionWriter? _writer;

    public void Add(LookToConfirmResult result, EvaluatedQuery measured)
    {
        _writer ??= new(_written);
        AnnotatedQuery row = rows[(int)measured.Id];
        Hypothesis chosen = result.Hypotheses[_choose(measured)];
        // Where what is asked is the category's name, the id says it, and other tools know no failures.
        if (chosen.Generated.Objects is { } objects)
            foreach (SegmentedObject one in objects)
                _writer.Write(row.ImageId, row.Category.Id, _sentences ? row.Query : null, chosen.Confidence, one.Mask, one.Box);
        else if (_sentences)
            _writer.WriteFailure(row.ImageId, row.Category.Id, row.Query);
    }

    public void Save(string path)
    {
        _writer?.Dispose();
        AtomicFile.Write(path, stream => stream.Write(_written.GetBuffer().AsSpan(0, (int)_written.Length)));
    }

    public void Dispose() => _written.Dispose();
}
