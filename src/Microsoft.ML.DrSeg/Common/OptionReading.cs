using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Microsoft.ML.DrSeg.Common;

/// <summary>A record of options. Its properties say by themselves what they are called, what they are by default and in which range they lie.</summary>
internal interface IOptionRecord
{
    /// <summary>Checks the rules between several options; what one option may be stands in its <see cref="RangeAttribute"/>.</summary>
    /// <param name="prefix">What precedes the names of these options, such as "Run."; may be empty.</param>
    void RequireTogether(string prefix)
    {
    }
}

/// <summary>One option of a record or of its parts.</summary>
/// <param name="Name">
/// The property's name. Options of a part that may be missing have the part's name before it (<c>Run.KeepCheckpoints</c>), those
/// of a part that is always there have not (<c>LearningRate</c>).
/// </param>
/// <param name="Parts">The properties that lead from the outermost record to the owner.</param>
internal sealed record DeclaredOption(string Name, PropertyInfo Property, IOptionRecord Owner, IReadOnlyList<PropertyInfo> Parts)
{
    public object? Value => Property.GetValue(Owner);
}

/// <summary>Reads records of options: a property that is such a record itself is a part, every other one is an option.</summary>
internal static class OptionReading
{
    /// <summary>The options of a record and of its parts, in the order in which they are declared. A part that is missing counts as one option without a value.</summary>
    public static IEnumerable<DeclaredOption> Options(IOptionRecord record) => Options(record, "", []);

    /// <summary>The value of an option as text that is the same in every culture; "none" where there is none.</summary>
    public static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "none";

    public static void Require(IOptionRecord record)
    {
        foreach (DeclaredOption option in Options(record)) Require(option);
        RequireTogether(record, "");
    }

    private static IEnumerable<DeclaredOption> Options(IOptionRecord record, string prefix, IReadOnlyList<PropertyInfo> parts)
    {
        foreach (PropertyInfo property in Properties(record))
        {
            IEnumerable<DeclaredOption> found = property.GetValue(record) is IOptionRecord part
                ? Options(part, PrefixOf(property, prefix), [.. parts, property])
                : [new DeclaredOption(prefix + property.Name, property, record, parts)];
            foreach (DeclaredOption option in found) yield return option;
        }
    }

    private static void RequireTogether(IOptionRecord record, string prefix)
    {
        foreach (PropertyInfo property in Properties(record))
            if (property.GetValue(record) is IOptionRecord part) RequireTogether(part, PrefixOf(property, prefix));
        record.RequireTogether(prefix);
    }

    private static PropertyInfo[] Properties(IOptionRecord record) => record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance);

    private static string PrefixOf(PropertyInfo part, string prefix) =>
        new NullabilityInfoContext().Create(part).ReadState == NullabilityState.Nullable ? $"{prefix}{part.Name}." : prefix;

    private static void Require(DeclaredOption option)
    {
        if (option.Value is not { } value) return;
        if (value is Enum) OptionChecks.Require(Enum.IsDefined(value.GetType(), value), option.Name, value, $"one of {string.Join(", ", Enum.GetNames(value.GetType()))}");
        if (option.Property.GetCustomAttribute<RangeAttribute>() is { } range) OptionChecks.Require(IsWithin(range, value), option.Name, value, Describe(range));
    }

    // A number that is none fails every comparison.
    private static bool IsWithin(RangeAttribute range, object value)
    {
        double number = Number(value), least = Number(range.Minimum), most = Number(range.Maximum);
        return (range.MinimumIsExclusive ? number > least : number >= least) && (range.MaximumIsExclusive ? number < most : number <= most);
    }

    private static string Describe(RangeAttribute range)
    {
        if (range.ErrorMessage is { } words) return words;
        double least = Number(range.Minimum), most = Number(range.Maximum);
        if (double.IsInfinity(least)) return "a number";
        string from = string.Create(CultureInfo.InvariantCulture, $"{least:#,0.#####}"), to = string.Create(CultureInfo.InvariantCulture, $"{most:#,0.#####}");
        if (most is not (int.MaxValue or double.MaxValue or double.PositiveInfinity)) return $"{from} to {(range.MaximumIsExclusive ? "below " : "")}{to}";
        return $"{(range.MinimumIsExclusive ? "above" : "at least")} {from}{(most == double.MaxValue ? " and finite" : "")}";
    }

    private static double Number(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);
}
