namespace Microsoft.ML.DrSeg.Tests.Architecture;

/// <summary>A type that lies in no other, as compiled code names it; what is nested in it counts as itself.</summary>
internal sealed record TypeName(string Assembly, string Namespace, string Name)
{
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}.{Name}";
}
