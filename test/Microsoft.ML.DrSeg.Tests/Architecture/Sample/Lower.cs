#pragma warning disable CS0649, CS0169, CA1823, CA1812, CA1813
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Tests.Architecture.Sample.Upper;

namespace Microsoft.ML.DrSeg.Tests.Architecture.Sample.Lower;

/// <summary>Knows nothing but itself and the framework.</summary>
internal class Innocent
{
    private readonly List<Innocent> _others = [];

    public int Count => _others.Count(other => other.Count > 0);
}

internal class ByBase : UpperType;

internal class ByInterface : IUpper;

internal class ByArgumentOfInterface : List<Dictionary<int, UpperValue[]>>;

internal class ByConstraint<T> where T : UpperType;

internal class ByField
{
    public UpperValue? Value;
}

internal class ByProperty
{
    public IReadOnlyList<UpperType> Value => [];
}

internal abstract class ByParameter
{
    public abstract void Take(ref UpperValue value);
}

internal class ByEvent
{
    public event Action<UpperType>? Happened { add { } remove { } }
}

[Upper]
internal class ByAttribute;

[TypeOf(typeof(List<UpperType.Inner>))]
internal class ByArgumentOfAttribute;

internal class ByAttributeOfParameter
{
    public static int Same([Upper] int value) => value;
}

internal class ByLocal
{
    public static int Size()
    {
        UpperValue value = default;
        return value.GetHashCode();
    }
}

internal class ByStaticMember
{
    public static int Number() => UpperType.Number;
}

internal class ByArgumentOfMethod
{
    public static bool Any(IEnumerable<object> values) => values.OfType<UpperType>().Any();
}

internal class ByNestedType
{
    public static Func<int> Delayed(int offset) => () => offset + new UpperType.Inner().GetHashCode();
}

internal class ByIterator
{
    public static IEnumerable<int> Numbers()
    {
        yield return UpperType.Count<int>();
    }
}

internal class ByCatch
{
    public static bool Succeeds(Action action)
    {
        try { action(); }
        catch (UpperException) { return false; }
        return true;
    }
}

/// <summary>Comes after a switch, whose operand is as long as it has cases.</summary>
internal class BehindSwitch
{
    public static int Number(int choice)
    {
        switch (choice)
        {
            case 0: return 5;
            case 1: return 7;
            case 2: return 11;
            case 3: return 13;
            case 4: return 17;
            default: return UpperType.Number;
        }
    }
}

internal class ByView
{
    public static long? Rows(IDataView view) => view.GetRowCount();
}

internal class ByImage
{
    public static int Width(MLImage image) => image.Width;
}

[AttributeUsage(AttributeTargets.Class)]
internal sealed class TypeOfAttribute(Type type) : Attribute
{
    public Type Type => type;
}
