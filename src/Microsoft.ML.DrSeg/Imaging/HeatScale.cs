namespace Microsoft.ML.DrSeg.Imaging;

/// <summary>The colours of a confidence map: from dark blue through magenta to bright yellow, lighter all the way.</summary>
internal static class HeatScale
{
    private static readonly RgbColor[] Stops =
        [new(12, 10, 48), new(74, 20, 120), new(160, 44, 120), new(226, 88, 84), new(250, 160, 60), new(252, 244, 160)];

    /// <param name="value">In [0, 1]; values outside are clamped.</param>
    public static RgbColor Color(double value)
    {
        var place = Math.Clamp(value, 0, 1) * (Stops.Length - 1);
        var below = Math.Min((int)place, Stops.Length - 2);
        return Stops[below].Towards(Stops[below + 1], place - below);
    }
}
