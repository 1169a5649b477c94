namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Added columns that all come from one answer to one question a row. Several questions can be answered together, which takes a
/// network a fraction of the time.
/// </summary>
internal abstract class AnswerColumns<TQuestion, TAnswer> : AddedColumns
{
    public sealed override Delegate[] CreateGetters(DataViewRow input)
    {
        Func<TQuestion> read = CreateReader(input);
        var row = new PerRow<TAnswer>(input, () => Answer([read()])[0]);
        return CreateGetters(() => row.Value);
    }

    public sealed override Delegate[] CreateGetters(DataViewRow input, DataViewRowCursor ahead)
    {
        var answers = new BatchedAnswers<TQuestion, TAnswer>(input, ahead, CreateReader(ahead), Answer, BatchSize);
        return CreateGetters(() => answers.Current);
    }

    /// <summary>The question of whatever row the input is at; a row that has none is an error that names it.</summary>
    protected abstract Func<TQuestion> CreateReader(DataViewRow input);

    /// <summary>One answer a question.</summary>
    protected abstract TAnswer[] Answer(IReadOnlyList<TQuestion> questions);

    /// <summary>One getter an added column, out of the current row's answer.</summary>
    protected abstract Delegate[] CreateGetters(Func<TAnswer> current);
}
