using System.Globalization;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>The id of an image: a number, as in COCO and LVIS, or a text, as in OpenImages.</summary>
/// <remarks>Ids have an order, which breaks ties: numbers by their value, then texts by their characters (ordinal).</remarks>
internal readonly record struct ImageId
{
    private readonly long _number;
    private readonly string? _text;

    public ImageId(long number) => _number = number;

    public ImageId(string text) => _text = text ?? throw new ArgumentNullException(nameof(text));

    public static implicit operator ImageId(long number) => new(number);

    public static implicit operator ImageId(string text) => new(text);

    public override string ToString() => _text ?? _number.ToString(CultureInfo.InvariantCulture);

    internal static int Compare(ImageId first, ImageId second)
    {
        if (first._text is null && second._text is null)
            return first._number.CompareTo(second._number);
        // No text sorts before any text.
        return string.CompareOrdinal(first._text, second._text);
    }
}
