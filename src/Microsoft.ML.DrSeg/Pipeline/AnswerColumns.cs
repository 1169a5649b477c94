namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Added columns that all come from one answer to one question a row. Several questions can be answered together, which takes a
/// network a fraction of the time.
/// </summary>
internal abstract class AnswerColumns<TQuestion, TAnswer>(
    DataViewSchema inputSchema, DataViewSchema.Column[] inputs, RowColumn<TAnswer>[] outputs, int batchSize = 1)
    : AddedColumns(inputSchema, inputs, outputs.Select(output => output.Detached), batchSize)
{
    /// <summary>The question of whatever row the input is at; a row that has none is an error that names it.</summary>
    public abstract Func<TQuestion> CreateReader(DataViewRow input);

    protected abstract TAnswer[] Answer(IReadOnlyList<TQuestion> questions);

    protected sealed override Delegate[] CreateGetters(DataViewRow input, DataViewRowCursor? ahead)
    {
        Func<TAnswer> current = ahead is null ? OneByOne(input) : new BatchedAnswers<TQuestion, TAnswer>(input, ahead, CreateReader(ahead), Answer, BatchSize).Current;
        return [.. outputs.Select(output => output.CreateGetter(current))];
    }

    // Answered when the first added column of a row is read.
    private Func<TAnswer> OneByOne(DataViewRow input)
    {
        Func<TQuestion> read = CreateReader(input);
        (long Position, TAnswer Answer)? last = null;
        return () =>
        {
            if (last is not { } known || known.Position != input.Position)
                last = known = (input.Position, Answer([read()])[0]);
            return known.Answer;
        };
    }
}
