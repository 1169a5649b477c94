using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>An answer as the columns tell it that all steps have which answer queries (<see cref="QueryOptions"/>).</summary>
/// <param name="Mask">Of all its objects together.</param>
/// <param name="Box">Of its first object, within the image; zeros where there is none.</param>
/// <param name="Point">Of its first object; zeros where there is none.</param>
/// <param name="Text">What was said, or why it failed.</param>
/// <param name="Score">How sure it is.</param>
internal sealed record AnsweredRow(SegmentationMask Mask, float[] Box, float[] Point, string Text, float Score)
{
    /// <param name="mask">Null for a failed answer.</param>
    public static AnsweredRow Of(GeneratedAnswer answer, SegmentationMask? mask, RgbImage image, float score)
    {
        (BoundingBox box, PixelPoint point) = answer.Objects is [var first, ..] ? (first.Box.Clamp(image.Width, image.Height), first.Point) : default;
        return new(mask ?? SegmentationMask.Empty(image.Width, image.Height), [box.X0, box.Y0, box.X1, box.Y1], [point.X, point.Y], answer.ToText(), score);
    }

    /// <summary>The columns, of rows that hold such an answer.</summary>
    public static RowColumn<TRow>[] Columns<TRow>(QueryOptions options, DataViewSchema.Annotations model, Func<TRow, AnsweredRow> answer) =>
    [
        RowColumn<TRow>.OfMask(options.PredictedMaskColumnName, model, row => answer(row).Mask),
        RowColumn<TRow>.OfBox(options.PredictedBoxColumnName, row => answer(row).Box),
        RowColumn<TRow>.OfPoint(options.PredictedPointColumnName, row => answer(row).Point),
        RowColumn<TRow>.Of(options.AnswerColumnName, TextDataViewType.Instance, row => answer(row).Text.AsMemory()),
        RowColumn<TRow>.Of(options.ScoreColumnName, NumberDataViewType.Single, row => answer(row).Score),
    ];
}
