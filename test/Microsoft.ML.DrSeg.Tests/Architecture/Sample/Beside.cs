#pragma warning disable CA1812
using Microsoft.ML.DrSeg.Tests.Architecture.Sample.Lower;

namespace Microsoft.ML.DrSeg.Tests.Architecture.Sample.Beside;

/// <summary>Lies beside the upper layer and knows the lower one, which it may, and the upper one, which it may not.</summary>
internal class Neighbour
{
    public static Innocent Allowed() => new();

    public static Upper.UpperType Forbidden() => new();
}
