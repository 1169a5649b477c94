namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>How scenes are composed. Two composers with equal options and assets compose equal scenes.</summary>
public sealed record SceneOptions
{
    /// <summary>Pixels a side of the square scenes; at least 16.</summary>
    public int Size { get; init; } = 192;

    /// <summary>Fewest objects pasted; at least 1. A scene whose background shows most nouns may get fewer.</summary>
    public int MinObjects { get; init; } = 2;

    /// <summary>Most objects pasted; at least <see cref="MinObjects"/>, at most 255.</summary>
    public int MaxObjects { get; init; } = 6;

    /// <summary>Most objects of one noun in a scene; at least 1. Above 1 every number of instances is as likely.</summary>
    public int MaxInstances { get; init; } = 1;

    /// <summary>Share of queries that ask for a noun which is not in their scene, 0 to 1; a scene that shows every noun is asked for what it shows.</summary>
    public double AbsentShare { get; init; }

    /// <summary>How many of the nouns that are not in a scene are noted as absent where scenes are exported; at least 0.</summary>
    public int AbsentNouns { get; init; } = 3;

    /// <summary>Share of nouns that come as a heap of many small ones, annotated as one group; 0 to 1.</summary>
    public double GroupShare { get; init; }

    /// <summary>
    /// How much rarer one noun is than another: the k-th is drawn in proportion to k to the power of minus this (Zipf's law).
    /// 0 makes all as likely; at least 0.
    /// </summary>
    public double NounSkew { get; init; }

    /// <summary>Smallest longer side of an object, as a share of the scene's side; above 0.</summary>
    public double MinObjectSide { get; init; } = 0.22;

    /// <summary>Largest longer side of an object, as a share of the scene's side; at most 1.</summary>
    public double MaxObjectSide { get; init; } = 0.55;

    /// <summary>No cut-out is drawn at more than this many times its own size (it would be a blur); above 0.</summary>
    public double MaxEnlargement { get; init; } = 1.6;

    /// <summary>Share of an object's width and height that may lie beyond the scene's border; 0 to below 1.</summary>
    public double MaxBeyondBorder { get; init; } = 0.15;

    /// <summary>Smallest square cut from a background, as a share of its shorter side; above 0, at most 1.</summary>
    public double MinBackgroundCrop { get; init; } = 0.5;

    /// <summary>Largest change of brightness of an object or background, as a share of full white; 0 to 1.</summary>
    public double BrightnessJitter { get; init; } = 0.06;

    /// <summary>Largest relative change of contrast of an object or background; 0 to below 1.</summary>
    public double ContrastJitter { get; init; } = 0.15;

    /// <summary>An object is asked about only where at least this share of its pixels is visible; 0 to 1.</summary>
    public double MinVisibleFraction { get; init; } = 0.3;

    /// <summary>An object is asked about only where at least this share of the scene's pixels is it: 60 pixels at size 192.</summary>
    public double MinVisibleArea { get; init; } = 60.0 / (192 * 192);

    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; the message says which.</exception>
    internal void Validate()
    {
        Check(Size is >= 16 and <= 8192, nameof(Size), Size, "16 to 8192");
        Check(MinObjects >= 1, nameof(MinObjects), MinObjects, "at least 1");
        Check(MaxObjects >= MinObjects && MaxObjects <= 255, nameof(MaxObjects), MaxObjects, $"{nameof(MinObjects)} ({MinObjects}) to 255");
        Check(MaxInstances >= 1 && MaxInstances * MaxObjects <= 255, nameof(MaxInstances), MaxInstances, $"at least 1, and at most 255 with {nameof(MaxObjects)} ({MaxObjects}) of each");
        Check(AbsentShare is >= 0 and <= 1, nameof(AbsentShare), AbsentShare, "0 to 1");
        Check(AbsentNouns >= 0, nameof(AbsentNouns), AbsentNouns, "at least 0");
        Check(GroupShare is >= 0 and <= 1, nameof(GroupShare), GroupShare, "0 to 1");
        Check(NounSkew is >= 0 and <= 10, nameof(NounSkew), NounSkew, "0 to 10");
        Check(MinObjectSide > 0, nameof(MinObjectSide), MinObjectSide, "above 0");
        Check(MaxObjectSide >= MinObjectSide && MaxObjectSide <= 1, nameof(MaxObjectSide), MaxObjectSide, $"{nameof(MinObjectSide)} ({MinObjectSide}) to 1");
        Check(MaxEnlargement > 0, nameof(MaxEnlargement), MaxEnlargement, "above 0");
        Check(MaxBeyondBorder is >= 0 and < 1, nameof(MaxBeyondBorder), MaxBeyondBorder, "0 to below 1");
        Check(MinBackgroundCrop is > 0 and <= 1, nameof(MinBackgroundCrop), MinBackgroundCrop, "above 0, at most 1");
        Check(BrightnessJitter is >= 0 and <= 1, nameof(BrightnessJitter), BrightnessJitter, "0 to 1");
        Check(ContrastJitter is >= 0 and < 1, nameof(ContrastJitter), ContrastJitter, "0 to below 1");
        Check(MinVisibleFraction is >= 0 and <= 1, nameof(MinVisibleFraction), MinVisibleFraction, "0 to 1");
        Check(MinVisibleArea is >= 0 and <= 1, nameof(MinVisibleArea), MinVisibleArea, "0 to 1");
    }

    private static void Check(bool holds, string option, object value, string range)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(option, value, $"{nameof(SceneOptions)}.{option} must be {range}.");
    }
}
