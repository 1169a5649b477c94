using Microsoft.ML.DrSeg.Tests.Architecture.Sample.Beside;
using Microsoft.ML.DrSeg.Tests.Architecture.Sample.Lower;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Architecture;

/// <summary>That an arrow is found in whatever shape it is compiled: the sample's types break the rules on purpose.</summary>
public class LayerRulesTests
{
    private const string Root = "Microsoft.ML.DrSeg.Tests";
    private static readonly Dictionary<TypeName, HashSet<TypeName>> Sample = AssemblyMentions
        .Read(typeof(LayerRulesTests).Assembly.Location, below: $"{typeof(LayerRulesTests).Namespace}.Sample.")
        .ToDictionary(entry => Short(entry.Key), entry => entry.Value.Select(Short).ToHashSet());

    private static readonly LayerRules Rules = new("Sample", ["Lower"], ["Beside", "Upper"])
    {
        Gate = "Upper",
        IsKeptOut = type => type.Assembly.StartsWith("Microsoft.ML.", StringComparison.Ordinal),
        Exceptions = new HashSet<(string, string)> { ("Lower", "Microsoft.ML.Data.MLImage") },
    };

    private static readonly string[] Found = [.. Rules.Violations(Sample)];

    private static readonly Type[] Offenders =
    [
        typeof(ByBase), typeof(ByInterface), typeof(ByArgumentOfInterface), typeof(ByConstraint<>), typeof(ByField), typeof(ByProperty),
        typeof(ByParameter), typeof(ByEvent), typeof(ByAttribute), typeof(ByArgumentOfAttribute), typeof(ByAttributeOfParameter), typeof(ByLocal),
        typeof(ByStaticMember), typeof(ByArgumentOfMethod), typeof(ByNestedType), typeof(ByIterator), typeof(ByCatch), typeof(BehindSwitch),
    ];

    [TestCaseSource(nameof(Offenders))]
    public void AnArrowBackIsFound(Type offender) =>
        Assert.That(Found, Has.Some.StartsWith($"Sample.Lower.{offender.Name} -> Sample.Upper.Upper").Or.Some.EqualTo($"Sample.Lower.{offender.Name} -> Sample.Upper.IUpper"));

    [Test]
    public void NeighboursDoNotKnowEachOther() =>
        Assert.That(Found.Where(line => line.Contains(nameof(Neighbour))), Is.EqualTo(["Sample.Beside.Neighbour -> Sample.Upper.UpperType"]));

    [Test]
    public void ForeignTypesAreKeptOutBelowTheGate() =>
        Assert.That(Found.Where(line => line.Contains(nameof(ByView))), Is.EqualTo(["Sample.Lower.ByView -> Microsoft.ML.IDataView"]));

    [Test]
    public void NothingElseIsFound() =>
        Assert.That(Found.Select(line => line.Split(' ')[0]).Distinct(),
            Is.EquivalentTo([.. Offenders.Select(type => $"Sample.Lower.{type.Name}"), $"Sample.Beside.{nameof(Neighbour)}", $"Sample.Lower.{nameof(ByView)}"]));

    [Test]
    public void ATypeWithoutALayerIsFound() =>
        Assert.That(new LayerRules("Sample", ["Lower"]).Violations(Sample), Has.Some.StartsWith("Sample.Beside.Neighbour is in no layer"));

    /// <summary>The sample as if it were an assembly of its own.</summary>
    private static TypeName Short(TypeName type) => type.Assembly == Root && type.Namespace.Contains(".Sample.")
        ? new("Sample", type.Namespace[type.Namespace.IndexOf("Sample.", StringComparison.Ordinal)..], type.Name) : type;
}
