namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>Category names out of text columns: one string for each, however many rows have it, and no unknown ones.</summary>
/// <param name="known">The categories there are; null for any.</param>
internal sealed class CategoryNames(IEnumerable<string>? known)
{
    private readonly HashSet<string>? _known = known?.ToHashSet(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _seen = new(StringComparer.Ordinal);

    public string Find(ReadOnlyMemory<char> text, long row, string column)
    {
        var seen = _seen.GetAlternateLookup<ReadOnlySpan<char>>();
        if (seen.TryGetValue(text.Span, out var name))
            return name;
        name = text.ToString();
        if (name.Length == 0)
            throw new InvalidOperationException($"Row {row}, column '{column}': a category is empty. Name it, or leave the object out.");
        if (_known?.Contains(name) == false)
            throw new InvalidOperationException($"Row {row}, column '{column}': the category '{name}' is none of the {_known.Count} known ones, such as '{_known.Order(StringComparer.Ordinal).First()}'. Correct it, or add it to the categories of the options.");
        seen[text.Span] = name;
        return _seen[name];
    }
}
