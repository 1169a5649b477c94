namespace Microsoft.ML.DrSeg.Tests.Architecture;

/// <summary>
/// Which layer may know which: every layer those of the steps below its own. A layer is a folder of the library (the
/// part of a namespace after the root, "" for the root itself), or another assembly named after the root.
/// </summary>
internal sealed class LayerRules(string root, params string[][] steps)
{
    /// <summary>Namespaces outside the root that hold types of the layer "": extensions belong where their users look.</summary>
    public IReadOnlySet<string> RootNamespaces { get; init; } = new HashSet<string>();

    /// <summary>The lowest layer that may know foreign types which <see cref="IsKeptOut"/> names.</summary>
    public string? Gate { get; init; }

    public Func<TypeName, bool> IsKeptOut { get; init; } = _ => false;

    /// <summary>Foreign types that a layer below the gate may know nevertheless.</summary>
    public IReadOnlySet<(string Layer, string Type)> Exceptions { get; init; } = new HashSet<(string, string)>();

    public IEnumerable<string> Violations(IReadOnlyDictionary<TypeName, HashSet<TypeName>> mentions)
    {
        int gate = Gate is null ? 0 : Step(Gate);
        foreach ((TypeName from, HashSet<TypeName> all) in mentions.OrderBy(entry => entry.Key.ToString(), StringComparer.Ordinal))
        {
            if (IsGenerated(from))
                continue;
            if (LayerOf(from) is not { } layer || Step(layer) < 0)
            {
                yield return $"{from} is in no layer: put its namespace among the steps";
                continue;
            }
            foreach (TypeName to in all.OrderBy(type => type.ToString(), StringComparer.Ordinal))
            {
                if (LayerOf(to) is { } other && !IsGenerated(to) ? other != layer && Step(other) >= Step(layer)
                    : Step(layer) < gate && IsKeptOut(to) && !Exceptions.Contains((layer, to.ToString())))
                    yield return $"{from} -> {to}";
            }
        }
    }

    private string? LayerOf(TypeName type)
    {
        if (type.Assembly != root)
            return type.Assembly.StartsWith(root + ".", StringComparison.Ordinal) ? type.Assembly[(root.Length + 1)..] : null;
        if (type.Namespace == root || RootNamespaces.Contains(type.Namespace))
            return "";
        return type.Namespace.StartsWith(root + ".", StringComparison.Ordinal) ? type.Namespace[(root.Length + 1)..].Split('.')[0] : null;
    }

    private int Step(string layer) => Array.FindIndex(steps, step => step.Contains(layer));

    /// <summary>What compiler and generators add on their own, outside all namespaces of ours.</summary>
    private static bool IsGenerated(TypeName type) => type.Name.StartsWith('<') || type.Namespace.StartsWith("System.", StringComparison.Ordinal)
        || type.Namespace is "Microsoft.CodeAnalysis";
}
