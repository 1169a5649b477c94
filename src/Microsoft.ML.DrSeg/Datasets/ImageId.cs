using System.Globalization;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>The id of an image or a category: a number, as in COCO and LVIS, or a text, as in OpenImages. "9" is the number 9.</summary>
/// <remarks>
/// Ids have an order, which breaks ties: whole numbers by their value, as the benchmarks' tools sort them, be they numbers or
/// texts ("009" after "9"); then other texts by their characters (ordinal).
/// </remarks>
internal readonly record struct ImageId : IComparable<ImageId>
{
    private readonly Int128? _number;
    private readonly string? _text; // null where the number says it all

    public ImageId(Int128 number) => _number = number;

    public ImageId(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _number = Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 number) ? number : null;
        _text = _number?.ToString(CultureInfo.InvariantCulture) == text ? null : text;
    }

    public static implicit operator ImageId(long number) => new(number);

    public static implicit operator ImageId(string text) => new(text);

    public override string ToString() => _text ?? _number?.ToString(CultureInfo.InvariantCulture) ?? "";

    public int CompareTo(ImageId other)
    {
        int byNumber = (_number, other._number) switch
        {
            ({ } mine, { } theirs) => mine.CompareTo(theirs),
            (null, null) => 0,
            var (mine, _) => mine is null ? 1 : -1,
        };
        return byNumber != 0 ? byNumber : string.CompareOrdinal(_text, other._text);
    }
}
