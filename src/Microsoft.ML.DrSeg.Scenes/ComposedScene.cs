using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>A picture put together from a background and cut-outs, with the truth about every object.</summary>
public sealed record ComposedScene
{
    internal ComposedScene(RgbImage image, IReadOnlyList<SceneObject> objects, long id, SceneBackdrop backdrop) =>
        (Image, Objects, Id, Backdrop) = (image, objects, id, backdrop);

    /// <summary>The picture.</summary>
    public RgbImage Image { get; }

    /// <summary>From the farthest to the nearest: later ones cover earlier ones. No two share a noun, unless <see cref="SceneOptions.MaxInstances"/> lets them.</summary>
    public IReadOnlyList<SceneObject> Objects { get; }

    /// <summary>The number of the scene within its split and seed.</summary>
    public long Id { get; }

    /// <summary>What lies behind the objects.</summary>
    internal SceneBackdrop Backdrop { get; }

    /// <summary>All objects of a noun together.</summary>
    public SegmentationMask MaskOf(string noun) =>
        SegmentationMask.Union(Objects.Where(seen => seen.Noun == noun).Select(seen => seen.Mask), Image.Width, Image.Height);

    /// <summary>The objects of a noun one by one, from the farthest to the nearest; those without a visible pixel are left out.</summary>
    public IReadOnlyList<SegmentationMask> MasksOf(string noun) =>
        [.. Objects.Where(seen => seen.Noun == noun && seen.Mask.Area > 0).Select(seen => seen.Mask)];

    /// <summary>Whether nothing of a noun is there: no object, not even one that others cover, and nothing in the background.</summary>
    public bool Lacks(string noun) => !Backdrop.Nouns.Contains(noun) && Objects.All(seen => seen.Noun != noun);
}

/// <summary>An object of a <see cref="ComposedScene"/>.</summary>
/// <param name="Noun">What it is called; nothing in the background is called so.</param>
/// <param name="Cutout">The file it was cut from, relative to the folder of cut-outs; of a group the first one's.</param>
/// <param name="Mask">The pixels to which it contributes at least half of the colour: what others cover is not in it, and it may be empty.</param>
/// <param name="VisibleFraction">Pixels of <paramref name="Mask"/> over the pixels it would have alone on an endless canvas, 0 to 1.</param>
/// <param name="IsQueryable">Whether enough of it is visible to ask about it (and, for unseen cut-outs, whether it is one).</param>
/// <param name="IsGroup">Whether it is many small ones in a heap, which count as one object.</param>
public sealed record SceneObject(string Noun, string Cutout, SegmentationMask Mask, double VisibleFraction, bool IsQueryable, bool IsGroup = false);

/// <summary>The background of a <see cref="ComposedScene"/>.</summary>
/// <param name="Stuff">The class of all pixels that no object covers: "sky", "grass".</param>
/// <param name="Nouns">Objects that are to be seen in it, without a mask.</param>
internal sealed record SceneBackdrop(string Stuff, IReadOnlyList<string> Nouns);
