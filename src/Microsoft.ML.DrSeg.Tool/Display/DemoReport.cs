using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Reporting;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>The demo's page: figures, table, learning curves and pictures.</summary>
internal sealed class DemoReport
{
    private const int Scale = 2;
    private static readonly string[] CurveMetrics = ["mask IoU", "reward", "entropy", "divergence", "gradient norm", "groups without spread"];

    private readonly HtmlReport _html;

    public DemoReport(
        IReadOnlyList<InferenceRow> rows, IReadOnlyList<InferenceRow> real, IReadOnlyList<(string Title, IReadOnlyList<TrainingProgress> Curve)> curves,
        GrpoOptions training, int scenes, int seed, float threshold, double seconds)
    {
        InferenceRow baseConfirmed = rows[1], grpo = rows[2], drSeg = rows[^1];
        _html = new HtmlReport("Dr. Seg against GRPO",
            $"{training.Steps} steps of {training.Sampling.QueriesPerStep} queries and {training.Sampling.GroupSize} answers, seed {seed}, {scenes} held-out scenes, {seconds:0} seconds");
        _html.KeyFigures(
            new KeyFigure("GRPO, one greedy answer", $"{grpo.Metrics.MeanIoU:0.000}", "mIoU"),
            new KeyFigure("Dr. Seg", $"{drSeg.Metrics.MeanIoU:0.000}", $"mIoU, {drSeg.Metrics.MeanIoU / grpo.Metrics.MeanIoU - 1:+0.0%;-0.0%} relative"),
            new KeyFigure("Base model + Look-to-Confirm", $"{baseConfirmed.Metrics.MeanIoU:0.000}", "mIoU without any reinforcement"));
        _html.Paragraph("Every row is measured on the same scenes, composed of backgrounds that no training has seen. " +
            "Compare rows of equal inference to see what training is worth, and rows of equal training to see what looking twice is worth.");

        _html.Table(Table("Segmentation of held-out scenes", rows));
        _html.Paragraph("mIoU averages over nouns, gIoU over queries; cIoU divides all intersections by all unions. " +
            "A failed answer counts 0. Improved and harmed compare each answer with the greedy one, by more than a hundredth of IoU. " +
            $"Look-to-Confirm looks again below a learned confidence of {threshold:0.00}. Times are for batches of 32.");

        if (real.Count > 0)
        {
            _html.Table(Table("Real photographs, without any tuning on photographs", real));
            _html.Paragraph("Photographs: every image and noun with exactly one instance. The models have seen composed scenes only.");
        }

        _html.Heading("Learning curves");
        _html.Charts(CurveMetrics.Select(metric => new LineChart(metric, "step", metric,
            [.. curves.Select(entry => new ChartSeries(entry.Title,
                [.. entry.Curve.Select(point => (double)point.Step)], [.. entry.Curve.Select(point => point.Metrics[metric])]))])
        {
            SmoothingWindow = Math.Max(1, training.Steps / 10),
        }));
    }

    /// <summary>Shows each model's greedy answer, and the last one's Look-to-Confirm with its confidence map.</summary>
    public void AddPictures(IReadOnlyList<(string Title, DrSegModel Model)> models, IReadOnlyList<SegmentationExample> examples, LookToConfirmOptions looking)
    {
        _html.Heading("Scenes");
        _html.Paragraph("White outlines the truth, orange fills an answer, with its box and point. The last picture of a row is the confidence map of the answer kept: warm where mask and object agree.");
        var pictures = new List<ReportPicture>();
        SegmentationQuery[] Queries(DrSegModel model) => [.. examples.Select(e => new SegmentationQuery(e.Image, e.Query, e.Id))];
        List<LookToConfirmSession> sessions = [.. models.Select(entry => new LookToConfirmLoop(entry.Model).Run(Queries(entry.Model), looking, seed: 1))];
        for (int i = 0; i < examples.Count; i++)
        {
            for (int m = 0; m < models.Count; m++)
                pictures.Add(Picture(examples[i], sessions[m].Results[i].Hypotheses[0], $"{examples[i].Query}: {models[m].Title}"));
            LookToConfirmResult last = sessions[^1].Results[i];
            Hypothesis kept = last.Hypotheses[last.Chosen];
            pictures.Add(Picture(examples[i], kept, last.LookedAgain ? "Dr. Seg, looked twice" : "Dr. Seg, confirmed at once"));
            if (kept.Confirmation is { } confirmation)
            {
                var overlay = new Overlay(examples[i].Image, Scale);
                overlay.Heat(confirmation.Map.Values, confirmation.Map.Side, confirmation.Map.Side, confirmation.Map.Region);
                pictures.Add(new ReportPicture(overlay.Image, $"confidence {confirmation.Confidence:0.00}"));
            }
            else
            {
                pictures.Add(new ReportPicture(new Overlay(examples[i].Image, Scale).Image, "no answer"));
            }
        }
        foreach (LookToConfirmSession session in sessions) session.Dispose();
        _html.Pictures(pictures, columns: models.Count + 2);
    }

    public void Save(string path) => _html.Save(path);

    private static ReportTable Table(string caption, IReadOnlyList<InferenceRow> rows)
    {
        var table = new ReportTable(caption, "Training",
            new TableColumn("Inference", null), new TableColumn("mIoU", HasBest: true), new TableColumn("gIoU", HasBest: true),
            new TableColumn("cIoU", HasBest: true), new TableColumn("Failed", "0.0%"), new TableColumn("Second looks", "0.0%"),
            new TableColumn("Improved", "0.0%"), new TableColumn("Harmed", "0.0%"), new TableColumn("Hypotheses", "0.0"), new TableColumn("ms", "0.0"));
        foreach (InferenceRow row in rows)
            table.AddRow(row.Training, row.Inference, row.Metrics.MeanIoU, row.Metrics.GeneralizedIoU, row.Metrics.CumulativeIoU,
                row.Metrics.FailedShare, row.SecondLooks, row.Improved, row.Harmed, row.Hypotheses, row.Milliseconds);
        return table;
    }

    private static ReportPicture Picture(SegmentationExample example, Hypothesis hypothesis, string caption)
    {
        var overlay = new Overlay(example.Image, Scale);
        if (hypothesis.Mask is { } mask)
        {
            overlay.Fill(mask, RgbColor.Orange).Outline(example.Mask, RgbColor.White);
            foreach (SegmentedObject one in hypothesis.Generated.Objects!) overlay.Box(one.Box, RgbColor.Orange).Point(one.Point, RgbColor.Yellow);
            return new ReportPicture(overlay.Image, $"{caption}, IoU {mask.IntersectionOverUnion(example.Mask):0.00}");
        }
        return new ReportPicture(overlay.Outline(example.Mask, RgbColor.White).Image, $"{caption}, {hypothesis.Generated.Failure!.Reason}");
    }
}
