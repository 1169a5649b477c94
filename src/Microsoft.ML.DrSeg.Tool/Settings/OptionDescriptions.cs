using System.Collections.Concurrent;
using System.ComponentModel;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>What options are about: the tool's own say so in a <see cref="DescriptionAttribute"/>, the library's in the first sentence of their documentation.</summary>
internal static partial class OptionDescriptions
{
    private static readonly ConcurrentDictionary<Assembly, IReadOnlyDictionary<string, XElement>> Documentation = new();

    /// <summary>A sentence about an option, without the point at its end.</summary>
    public static string Of(PropertyInfo property) =>
        property.GetCustomAttribute<DescriptionAttribute>()?.Description
        ?? (Documentation.GetOrAdd(property.DeclaringType!.Assembly, Read).TryGetValue($"P:{property.DeclaringType}.{property.Name}", out XElement? summary)
            ? FirstSentence(summary)
            : $"see {property.DeclaringType}.{property.Name}");

    // The compiler writes it beside the assembly.
    private static Dictionary<string, XElement> Read(Assembly assembly)
    {
        string file = Path.ChangeExtension(assembly.Location, ".xml");
        return !File.Exists(file) ? [] : XDocument.Load(file).Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary")!);
    }

    private static string FirstSentence(XElement summary)
    {
        string text = string.Concat(summary.Nodes().Select(node => node switch
        {
            XText plain => plain.Value,
            XElement { Name.LocalName: "see" } other when other.Attribute("cref") is { } reference => Named(reference.Value),
            XElement other => other.Value,
            _ => "",
        }));
        // What is null in C# is not given on a command line.
        return Spaces().Replace(text, " ").Trim().Split(". ")[0].TrimEnd('.').Replace("null for", "none for", StringComparison.Ordinal);
    }

    private static string Named(string reference)
    {
        string name = reference[(reference.LastIndexOf('.') + 1)..];
        return reference.StartsWith("P:", StringComparison.Ordinal) ? OptionNames.OnCommandLine(name) : name;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
