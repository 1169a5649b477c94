namespace Microsoft.ML.DrSeg.Data;

/// <summary>A picture put together from a background and cut-outs, with the truth about every object.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Objects">From the farthest to the nearest: later ones cover earlier ones. No two share a noun.</param>
/// <param name="Id">The number of the scene within its split and seed.</param>
public sealed record ComposedScene(RgbImage Image, IReadOnlyList<SceneObject> Objects, long Id);

/// <summary>An object of a <see cref="ComposedScene"/>.</summary>
/// <param name="Noun">What it is called; no other object and nothing in the background is called so.</param>
/// <param name="Cutout">The file it was cut from, relative to the folder of cut-outs.</param>
/// <param name="Mask">The pixels to which it contributes at least half of the colour: what others cover is not in it, and it may be empty.</param>
/// <param name="VisibleFraction">Pixels of <paramref name="Mask"/> over the pixels it would have alone on an endless canvas, 0 to 1.</param>
/// <param name="IsQueryable">Whether enough of it is visible to ask about it (and, for unseen cut-outs, whether it is one).</param>
public sealed record SceneObject(string Noun, string Cutout, SegmentationMask Mask, double VisibleFraction, bool IsQueryable);
