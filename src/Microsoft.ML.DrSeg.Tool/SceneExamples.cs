using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Scenes;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>Examples composed on the fly: number i is always the same, and none is stored.</summary>
internal static class SceneExamples
{
    /// <summary>The series of scenes that models are measured on; no training takes it.</summary>
    public const ulong HeldOutSeed = 7;

    // Keeps the draws of absent nouns apart from those that compose the scenes.
    private const ulong Domain = 0xAB5E;

    /// <summary>Composer over the pictures of Debian's packages, or over folders of one's own.</summary>
    public static SceneComposer Composer(string? cutouts = null, string? backgrounds = null, SceneOptions? options = null)
    {
        return new SceneComposer(cutouts is null ? SceneAssets.LoadDebian(SceneAssets.FindRoot(), options) : SceneAssets.LoadFolders(cutouts, backgrounds!, options));
    }

    /// <summary>One example a scene: the examples of a split and seed.</summary>
    public static Func<long, SegmentationExample> Of(SceneComposer composer, SceneSplit split, ulong seed)
    {
        var queries = new SceneQueries(composer, split, seed);
        return index => Example(queries[index], index);
    }

    /// <summary>
    /// Several examples a scene, for training: asking for every object of a scene costs one composition.
    /// Neighbouring numbers share a scene. Some ask for a noun that the scene lacks, where the composer's options say so.
    /// </summary>
    public static Func<long, SegmentationExample> Several(SceneComposer composer, SceneSplit split, ulong seed, int perScene)
    {
        var last = new ThreadLocal<ComposedScene?>();
        return index =>
        {
            long number = index / perScene;
            ComposedScene scene = last.Value is { } same && same.Id == number ? same : composer.Compose(split, seed, number);
            last.Value = scene;
            SceneObject[] candidates = [.. scene.Objects.Where(candidate => candidate.IsQueryable)];
            // Objects lie from the farthest to the nearest: begin anywhere, so that none is favoured.
            SceneObject target = candidates[(int)((number + index) % candidates.Length)];
            var random = DeterministicRandom.Create(Domain, (ulong)split, seed, (ulong)index);
            return Example(SceneQueries.Ask(composer.Assets, scene, target, ref random), index) with
            {
                Everything = [.. scene.Objects.Select(thing => new LabelledMask(thing.Noun, thing.Mask))],
            };
        };
    }

    private static SegmentationExample Example(SceneQuery query, long index) => new(query.Scene.Image, query.Text, query.Mask, index) { Objects = query.Objects };
}
