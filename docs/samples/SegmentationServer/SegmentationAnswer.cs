using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace SegmentationServer;

/// <summary>The JSON of an answer.</summary>
/// <param name="Query">What was asked for.</param>
/// <param name="Width">Columns of the image and of the mask.</param>
/// <param name="Height">Rows.</param>
/// <param name="Pixels">How many of them are the thing.</param>
/// <param name="Box">x0, y0, x1, y1 in pixels of the upload.</param>
/// <param name="Confidence">Estimated IoU of the mask, 0 to 1.</param>
/// <param name="SecondLook">Whether the model looked twice.</param>
/// <param name="Hypotheses">How many masks were compared.</param>
/// <param name="Mask">PNG of one bit a pixel, white inside, as a data URI.</param>
/// <param name="Overlay">PNG of the upload with the mask over it, as a data URI.</param>
public sealed record SegmentationAnswer(
    string Query, int Width, int Height, long Pixels, float[] Box, float Confidence, bool SecondLook, int Hypotheses, string Mask, string Overlay)
{
    public static SegmentationAnswer Of(Upload upload, Segmentation found) => new(
        upload.Query, found.PredictedMask.Width, found.PredictedMask.Height, found.PredictedMask.Area, found.PredictedBox,
        found.Confidence, found.SecondLook, found.Hypotheses, DataUri(found.PredictedMask.ToPng()), DataUri(Painted(upload, found)));

    /// <summary>The upload with the mask over it, as a PNG.</summary>
    public static byte[] Painted(Upload upload, Segmentation found)
    {
        float[] box = found.PredictedBox;
        return new Overlay(RgbImage.FromMLImage(upload.Image)).Fill(found.PredictedMask, RgbColor.Orange)
            .Box(new BoundingBox(box[0], box[1], box[2], box[3]), RgbColor.Orange).Image.ToPng();
    }

    private static string DataUri(byte[] png) => $"data:image/png;base64,{Convert.ToBase64String(png)}";
}
