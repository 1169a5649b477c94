using System.Text.Json;

namespace Microsoft.ML.DrSeg.Data;

/// <summary>Which labels of OpenImages are kinds of which: <c>bbox_labels_600_hierarchy.json</c>. A label may stand below several.</summary>
public sealed class LabelHierarchy
{
    private readonly Dictionary<string, HashSet<string>> _parents = new(StringComparer.Ordinal);

    /// <summary>Reads nested objects of <c>LabelName</c> and <c>Subcategory</c>; what is <c>Part</c> of something is no kind of it.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not such JSON.</exception>
    public static LabelHierarchy Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            var hierarchy = new LabelHierarchy();
            hierarchy.Add(json.RootElement, null);
            return hierarchy;
        }
        catch (Exception error) when (SourcePlace.IsDataProblem(error) && error is not FileNotFoundException)
        {
            throw new SourcePlace(path).Problem(error);
        }
    }

    /// <summary>Everything that a label is a kind of, itself left out; nothing for unknown labels. The root of all is among them.</summary>
    public IReadOnlySet<string> AncestorsOf(string label)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([label]);
        while (open.TryPop(out string? next))
            foreach (string parent in _parents.GetValueOrDefault(next) ?? [])
                if (found.Add(parent))
                    open.Push(parent);
        return found;
    }

    private void Add(JsonElement node, string? parent)
    {
        string label = node.Field("LabelName").Text("LabelName");
        if (!_parents.TryGetValue(label, out HashSet<string>? parents))
            _parents[label] = parents = new(StringComparer.Ordinal);
        if (parent is not null)
            parents.Add(parent);
        if (node.FieldOrNull("Subcategory") is { } kinds)
            foreach (JsonElement kind in kinds.Items("Subcategory"))
                Add(kind, label);
    }
}
