using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using SkiaSharp;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// A picture of some answers of a step: a row a query, a tile an answer. A tile shows the truth outlined in white, the mask
/// filled, boxes and points, and below the image two bars as long as the reward (green) and the confidence (blue) are high.
/// </summary>
internal sealed class SampleSheet
{
    private const int LargestRows = 4, LargestColumns = 8;
    private const int TileSide = 160, BarHeight = 5, Gap = 4;

    private static readonly RgbColor RewardColor = new(60, 200, 90), ConfidenceColor = new(80, 140, 250), Track = new(70, 70, 70);

    private readonly RgbImage _picture;

    private SampleSheet(RgbImage picture, IReadOnlyList<SampledAnswer> answers) => (_picture, Answers) = (picture, answers);

    public IReadOnlyList<SampledAnswer> Answers { get; }

    public static SampleSheet Draw(Rollout rollout, ScoredRollout scored, DrSegModel model)
    {
        (Candidate Candidate, int Index)[] all = [.. rollout.Candidates.Select((candidate, index) => (candidate, index))];
        (Candidate Candidate, int Index)[][] rows = [.. all.GroupBy(entry => entry.Candidate.Query).OrderBy(query => query.Key).Take(LargestRows).Select(query => query.Take(LargestColumns).ToArray())];
        Queue<Confirmation> confirmations = new(model.Confirmation.ConfirmChecked([.. rows.SelectMany(row => row).Where(entry => entry.Candidate.Mask is not null).Select(entry =>
        {
            SegmentationExample example = rollout.Examples[entry.Candidate.Query];
            return new ConfirmationPrompt(example.Image, example.Query, entry.Candidate.Generated.Box, entry.Candidate.Mask!);
        })]));
        int columns = rows.Max(row => row.Length), cell = TileSide + 2 * BarHeight + Gap;
        using SKBitmap sheet = new RgbImage(columns * (TileSide + Gap), rows.Length * (cell + Gap)).ToBitmap();
        using var canvas = new SKCanvas(sheet);
        var answers = new List<SampledAnswer>();
        for (int r = 0; r < rows.Length; r++)
        {
            for (int c = 0; c < rows[r].Length; c++)
            {
                (Candidate candidate, int index) = rows[r][c];
                SegmentationExample example = rollout.Examples[candidate.Query];
                float? confidence = candidate.Mask is null ? null : confirmations.Dequeue().Confidence;
                int x = c * (TileSide + Gap), y = r * (cell + Gap);
                using SKBitmap tile = Tile(example, candidate).ToBitmap();
                canvas.DrawBitmap(tile, x, y);
                Bar(canvas, x, y + TileSide + 1, scored.Rewards[index], RewardColor);
                Bar(canvas, x, y + TileSide + 2 + BarHeight, confidence ?? 0, ConfidenceColor);
                answers.Add(new SampledAnswer(example.Id, example.Query, candidate.Generated.ToText(), scored.Rewards[index], scored.Advantages[index],
                    candidate.Mask?.IntersectionOverUnion(example.Mask) ?? 0, confidence));
            }
        }
        return new SampleSheet(RgbImage.FromBitmap(sheet), answers);
    }

    public void Save(string path) => AtomicFile.Write(path, stream => stream.Write(_picture.ToPng()));

    private static RgbImage Tile(SegmentationExample example, Candidate candidate)
    {
        var overlay = new Overlay(example.Image, (double)TileSide / Math.Max(example.Image.Width, example.Image.Height));
        overlay.Outline(example.Mask, RgbColor.White);
        if (candidate.Mask is { } mask) overlay.Fill(mask, RgbColor.Orange);
        foreach (SegmentedObject one in candidate.Generated.Objects ?? []) overlay.Box(one.Box, RgbColor.Orange).Point(one.Point, RgbColor.Yellow);
        return overlay.Image;
    }

    private static void Bar(SKCanvas canvas, int x, int y, float value, RgbColor color)
    {
        int filled = (int)Math.Round(Math.Clamp(value, 0, 1) * TileSide);
        using var track = new SKPaint { Color = Track.ToSkia() };
        using var bar = new SKPaint { Color = color.ToSkia() };
        canvas.DrawRect(x, y, TileSide, BarHeight, track);
        canvas.DrawRect(x, y, filled, BarHeight, bar);
    }
}

/// <summary>A tile of a <see cref="SampleSheet"/>.</summary>
/// <param name="Answer">The answer as text; for a failed one, why it failed.</param>
/// <param name="MaskIoU">Overlap with the truth; 0 for a failed answer.</param>
/// <param name="Confidence">What the confirming head thinks of it; null for a failed answer.</param>
internal sealed record SampledAnswer(long Example, string Query, string Answer, float Reward, float Advantage, double MaskIoU, float? Confidence);

/// <summary>A sheet in the log.</summary>
/// <param name="File">The picture, relative to the run's folder.</param>
internal sealed record SampleSheetLine(int Step, string File, IReadOnlyList<SampledAnswer> Answers);
