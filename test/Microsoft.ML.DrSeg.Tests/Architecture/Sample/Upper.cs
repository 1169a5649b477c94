namespace Microsoft.ML.DrSeg.Tests.Architecture.Sample.Upper;

/// <summary>What the sample's lower layer must not know, in every shape in which it could.</summary>
internal class UpperType
{
    public static readonly int Number = Environment.ProcessorCount;

    public static int Count<T>() => typeof(T).Name.Length;

    internal sealed class Inner;
}

internal interface IUpper;

internal struct UpperValue;

internal class UpperException : Exception;

[AttributeUsage(AttributeTargets.All)]
internal sealed class UpperAttribute : Attribute;
