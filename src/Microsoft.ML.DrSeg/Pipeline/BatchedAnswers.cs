using System.Runtime.ExceptionServices;
using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Answers to the questions of several rows at a time, found when the first of them is asked for. A second cursor over the same
/// rows reads the questions; the first one stays where it is, so that its own columns, images among them, are those of its row.
/// </summary>
/// <param name="row">The row that is asked about; it only moves forward.</param>
/// <param name="ahead">A cursor over the same rows in the same order.</param>
/// <param name="read">The question of the row that <paramref name="ahead"/> is at.</param>
internal sealed class BatchedAnswers<TQuestion, TAnswer>(
    DataViewRow row, DataViewRowCursor ahead, Func<TQuestion> read, Func<IReadOnlyList<TQuestion>, TAnswer[]> answer, int batchSize)
{
    private readonly ValueGetter<DataViewRowId> _rowId = row.GetIdGetter(), _aheadId = ahead.GetIdGetter();
    private readonly Dictionary<long, Result> _results = [];

    private readonly record struct Result(DataViewRowId Id, TAnswer? Answer, ExceptionDispatchInfo? Error);

    public TAnswer Current()
    {
        if (!_results.ContainsKey(row.Position))
            ReadOn();
        DataViewRowId id = default;
        _rowId(ref id);
        if (!_results.TryGetValue(row.Position, out Result result) || !id.Equals(result.Id))
            throw RowsDiffer();
        result.Error?.Throw();
        return result.Answer!;
    }

    private void ReadOn()
    {
        _results.Clear();
        while (ahead.Position < row.Position)
            if (!ahead.MoveNext())
                throw RowsDiffer();
        var questions = new List<TQuestion>(batchSize);
        var places = new List<(long Position, DataViewRowId Id)>(batchSize);
        DataViewRowId id = default;
        do
        {
            _aheadId(ref id);
            try
            {
                questions.Add(read());
                places.Add((ahead.Position, id));
            }
            // The rows before it still have their answers; it is thrown where its own is asked for.
            catch (Exception error) when (questions.Count > 0)
            {
                _results.Add(ahead.Position, new Result(id, default, ExceptionDispatchInfo.Capture(error)));
            }
        }
        while (questions.Count + _results.Count < batchSize && MoveOn());
        try
        {
            TAnswer[] answers = answer(questions);
            for (int i = 0; i < places.Count; i++)
                _results.Add(places[i].Position, new Result(places[i].Id, answers[i], null));
        }
        // What fails together fails for each, however often it is asked for.
        catch (Exception error)
        {
            var failed = ExceptionDispatchInfo.Capture(error);
            foreach ((long position, DataViewRowId rowOfBatch) in places)
                _results[position] = new Result(rowOfBatch, default, failed);
        }
    }

    private bool MoveOn()
    {
        try
        {
            return ahead.MoveNext();
        }
        catch (Exception)
        {
            // The first cursor comes upon it in its turn, when the rows before it have been read.
            return false;
        }
    }

    private InvalidOperationException RowsDiffer() => new(
        $"Row {row.Position}: the rows were others when they were read a second time. Give a view that always has the same rows, or set PredictionBatchSize to 1.");
}
