namespace Microsoft.ML.DrSeg.Common;

/// <summary>The group of a process that works alone.</summary>
internal sealed class SingleProcess : IProcessGroup
{
    public static SingleProcess Instance { get; } = new();

    public int Rank => 0;

    public int Size => 1;

    public void Sum(Span<float> values)
    {
    }

    public byte[][] Gather(ReadOnlySpan<byte> own) => [own.ToArray()];
}
