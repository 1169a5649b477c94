using Microsoft.ML.DrSeg.Common;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>A change of colours: value * Contrast + Offset, for values from 0 to 1.</summary>
internal readonly record struct ColourChange(float Contrast, float Offset)
{
    /// <summary>A random change of contrast about mid-grey and of brightness, within the options' ranges.</summary>
    public static ColourChange Draw(ref DeterministicRandom random, SceneOptions options)
    {
        double contrast = 1 + options.ContrastJitter * random.NextDouble(-1, 1);
        double brightness = options.BrightnessJitter * random.NextDouble(-1, 1);
        return new((float)contrast, (float)(0.5 * (1 - contrast) + brightness));
    }
}
