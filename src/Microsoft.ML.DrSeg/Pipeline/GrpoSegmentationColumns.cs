using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>The columns of <see cref="GrpoSegmentationTransformer"/> over one input schema.</summary>
internal sealed class GrpoSegmentationColumns(DataViewSchema schema, DrSegModel model, GrpoSegmentationTrainer.Options options)
    : AnswerColumns<RowQuery, AnsweredRow>(
        schema, [options.Image.FindIn(schema), options.Query.FindIn(schema)], Added(options, ModelAnnotation.Of(model)), options.PredictionBatchSize)
{
    public static RowColumn<AnsweredRow>[] Added(GrpoSegmentationTrainer.Options options, DataViewSchema.Annotations model) => AnsweredRow.Columns<AnsweredRow>(options, model, row => row);

    public override Func<RowQuery> CreateReader(DataViewRow input) => RowQuery.CreateReader(input, Inputs[0], Inputs[1], text => model.Policy.CheckQuery(text));

    protected override AnsweredRow[] Answer(IReadOnlyList<RowQuery> questions) => Predict(model, questions);

    internal static AnsweredRow[] Predict(DrSegModel model, IReadOnlyList<RowQuery> asked)
    {
        // A greedy answer draws nothing, so that its id does not matter.
        PolicyPrompt[] prompts = [.. asked.Select(row => new PolicyPrompt(ImageView.Whole(row.Image), row.Text, Id: 0))];
        using var look = Look.Take(model.Policy, model.Segmenter, prompts, 1, AnswerSampling.Greedy);
        return [.. asked.Select((row, i) => AnsweredRow.Of(look.Answers[i][0], look.Masks[i][0], row.Image, (float)look.Answers[i][0].LogProbability))];
    }
}
