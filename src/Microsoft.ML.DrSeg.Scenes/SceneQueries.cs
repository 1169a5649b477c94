using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>A question with its answer: where in the scene is the thing that this noun names?</summary>
/// <param name="Scene">The scene.</param>
/// <param name="Target">The object asked about.</param>
/// <param name="Noun">The place of its noun among the nouns of the assets.</param>
public readonly record struct SceneQuery(ComposedScene Scene, SceneObject Target, int Noun)
{
    /// <summary>The mask to be found: the target, with others of its noun where the scene has any.</summary>
    public SegmentationMask Mask => Scene.MaskOf(Target.Noun);
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

    /// <summary>The query about a scene: one of the objects that can be asked about, each as likely.</summary>
    /// <param name="index">The number of the scene, from 0.</param>
    public SceneQuery this[long index]
    {
        get
        {
            ComposedScene scene = _composer.Compose(split, seed, index);
            SceneObject[] candidates = [.. scene.Objects.Where(candidate => candidate.IsQueryable)];
            var random = DeterministicRandom.Create(Domain, (ulong)split, seed, (ulong)index);
            SceneObject target = candidates[random.NextInt(candidates.Length)];
            return new(scene, target, _composer.Assets.NumberOf(target.Noun));
        }
    }
}
