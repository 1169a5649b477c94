using System.Text.Json;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>Which categories are kinds of which others, such as OpenImages' published hierarchy.</summary>
public sealed class CategoryHierarchy
{
    private readonly Dictionary<string, string[]> _above = [], _below = [];

    /// <summary>The hierarchy of some pairs.</summary>
    /// <param name="links">Each category with one of its kinds; a category may have several parents.</param>
    /// <exception cref="ArgumentException">A category is above itself.</exception>
    public CategoryHierarchy(IEnumerable<(string Parent, string Child)> links)
    {
        ArgumentNullException.ThrowIfNull(links);
        var all = links.ToArray();
        var parents = all.ToLookup(link => link.Child, link => link.Parent);
        var children = all.ToLookup(link => link.Parent, link => link.Child);
        foreach (var category in all.SelectMany(link => new[] { link.Parent, link.Child }).Distinct())
        {
            _above[category] = Reach(category, parents);
            _below[category] = Reach(category, children);
            if (_above[category].Contains(category))
                throw new ArgumentException($"The category '{category}' stands above itself; a hierarchy has no cycles.", nameof(links));
        }
    }

    /// <summary>
    /// Reads OpenImages' <c>bbox_labels_600_hierarchy.json</c>, which knows labels by their machine names ("/m/0bt9lr"): nested
    /// objects of <c>LabelName</c> and <c>Subcategory</c>. What is <c>Part</c> of something is no kind of it.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not such JSON.</exception>
    public static CategoryHierarchy Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return new(Links(json.RootElement));
        }
        catch (Exception error) when (SourcePlace.IsDataProblem(error) && error is not FileNotFoundException)
        {
            throw new SourcePlace(path).Problem(error);
        }
    }

    /// <summary>Every category above that one, its parents and theirs, in no certain order; none for an unknown category.</summary>
    public IReadOnlyList<string> Above(string category) => _above.GetValueOrDefault(category, []);

    /// <summary>Every category below that one, its kinds and theirs, in no certain order; none for an unknown category.</summary>
    public IReadOnlyList<string> Below(string category) => _below.GetValueOrDefault(category, []);

    private static IEnumerable<(string Parent, string Child)> Links(JsonElement node)
    {
        string parent = node.TextOf("LabelName");
        if (node.FieldOrNull("Subcategory") is not { } kinds)
            yield break;
        foreach (JsonElement kind in kinds.Items("Subcategory"))
        {
            yield return (parent, kind.TextOf("LabelName"));
            foreach ((string, string) link in Links(kind))
                yield return link;
        }
    }

    private static string[] Reach(string start, ILookup<string, string> next)
    {
        var found = new HashSet<string>();
        var open = new Stack<string>(next[start]);
        while (open.TryPop(out var category))
        {
            if (found.Add(category))
                foreach (var further in next[category])
                    open.Push(further);
        }
        return [.. found];
    }
}
