using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Objects of one image whose prompts are alike, a box or none and as many points, so that they are computed together.</summary>
/// <param name="Image">The image.</param>
/// <param name="Objects">Their prompts, at least one.</param>
/// <param name="Places">Where each stood among all that was asked.</param>
internal sealed record ObjectBatch(RgbImage Image, ObjectPrompt[] Objects, int[] Places)
{
    /// <summary>Sorts prompts into batches, those of an image one after another.</summary>
    public static IEnumerable<ObjectBatch> Of(IReadOnlyList<(RgbImage Image, ObjectPrompt Prompt)> prompts, int mostTogether) =>
        from image in Enumerable.Range(0, prompts.Count).GroupBy(place => prompts[place].Image, ReferenceEqualityComparer.Instance)
        from alike in image.GroupBy(place => (prompts[place].Prompt.Box is null, prompts[place].Prompt.Points.Count))
        from places in alike.Chunk(mostTogether)
        select new ObjectBatch((RgbImage)image.Key!, Array.ConvertAll(places, place => prompts[place].Prompt), places);

    /// <summary>Coordinates of all labelled points, x and y each, in pixels of a square that the image is stretched to.</summary>
    public float[] Coordinates(int side) =>
        [.. Objects.SelectMany(prompt => prompt.Labelled()).SelectMany(point => new[] { point.Place.X * side / Image.Width, point.Place.Y * side / Image.Height })];

    /// <summary>Labels of all points, in the order of <see cref="Coordinates"/>.</summary>
    public int[] Labels() => [.. Objects.SelectMany(prompt => prompt.Labelled()).Select(point => point.Label)];
}
