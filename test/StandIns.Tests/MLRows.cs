using Microsoft.ML;
using Microsoft.ML.Data;

namespace StandIns.Tests;

/// <summary>Row classes and little helpers shared by the tests of the ML.NET stand-in.</summary>
internal sealed class NumberRow
{
    public float X { get; set; }

    public string Name { get; set; } = "";
}

internal sealed class DoubledRow
{
    public float Y { get; set; }
}

internal sealed class VectorRow
{
    public float X { get; set; }

    [VectorType(2)]
    public float[] V { get; set; } = [];
}

internal static class MLRows
{
    public static readonly MLContext Context = new(1);

    public static IEnumerable<NumberRow> Numbers(int count, Action? onRow = null)
    {
        for (int i = 0; i < count; i++)
        {
            onRow?.Invoke();
            yield return new NumberRow { X = i, Name = $"name {i % 7}" };
        }
    }

    public static IEstimator<ITransformer> Doubling(Action? onCall = null) => Context.Transforms.CustomMapping<NumberRow, DoubledRow>(
        (input, output) =>
        {
            onCall?.Invoke();
            output.Y = 2 * input.X;
        },
        null);
}
