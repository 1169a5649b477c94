using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>A question with its answer: where in the scene are the things that this noun names?</summary>
/// <param name="Scene">The scene.</param>
/// <param name="Target">The object that the noun was chosen for; null where the scene has no such thing.</param>
/// <param name="Noun">The place of the noun among the nouns of the assets.</param>
/// <param name="Text">The noun.</param>
public readonly record struct SceneQuery(ComposedScene Scene, SceneObject? Target, int Noun, string Text)
{
    /// <summary>The mask to be found: all objects of the noun together; empty where there is none.</summary>
    public SegmentationMask Mask => Scene.MaskOf(Text);

    /// <summary>The masks of the objects one by one, from the farthest to the nearest; none where there is none.</summary>
    public IReadOnlyList<SegmentationMask> Objects => Scene.MasksOf(Text);
}

/// <summary>An endless series of queries, one for each scene of a split and seed, computed when asked for.</summary>
/// <param name="composer">Composes the scenes.</param>
/// <param name="split">Which scenes.</param>
/// <param name="seed">Which series of them.</param>
public sealed class SceneQueries(SceneComposer composer, SceneSplit split, ulong seed)
{
    // Keeps these draws apart from those that compose the scenes.
    private const ulong Domain = 0x0A5C;
    private readonly SceneComposer _composer = composer ?? throw new ArgumentNullException(nameof(composer));

    /// <summary>
    /// The query about a scene: one of the objects that can be asked about, each as likely, or a noun that the scene lacks
    /// (<see cref="SceneOptions.AbsentShare"/>).
    /// </summary>
    /// <param name="index">The number of the scene, from 0.</param>
    public SceneQuery this[long index]
    {
        get
        {
            ComposedScene scene = _composer.Compose(split, seed, index);
            SceneObject[] candidates = [.. scene.Objects.Where(candidate => candidate.IsQueryable)];
            var random = DeterministicRandom.Create(Domain, (ulong)split, seed, (ulong)index);
            SceneObject target = candidates[random.NextInt(candidates.Length)];
            return Ask(_composer.Assets, scene, target, ref random);
        }
    }

    /// <summary>The query about an object of a scene or, as often as the options say, about a noun that the scene lacks.</summary>
    internal static SceneQuery Ask(SceneAssets assets, ComposedScene scene, SceneObject target, ref DeterministicRandom random)
    {
        // Draws nothing where it is off, and draws last: queries about what is there stay what they are without it.
        if (assets.Options.AbsentShare > 0 && random.NextDouble() < assets.Options.AbsentShare)
        {
            int[] absent = [.. Enumerable.Range(0, assets.Nouns.Count).Where(noun => scene.Lacks(assets.Nouns[noun]))];
            if (absent.Length > 0)
            {
                int noun = absent[random.NextInt(absent.Length)];
                return new(scene, Target: null, noun, assets.Nouns[noun]);
            }
        }
        return new(scene, target, assets.NumberOf(target.Noun), target.Noun);
    }
}
