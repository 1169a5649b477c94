namespace Microsoft.ML.DrSeg.Common;

/// <summary>Checks of options, with messages that name the option, its value and its range.</summary>
internal static class OptionChecks
{
    /// <summary>Most rows, answers or views that one option may ask to be computed together. More gains nothing, and a slip of the keyboard would allocate gigabytes.</summary>
    public const int MostTogether = 4096;

    public static void Require(bool holds, string option, object value, string range)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(option, value, $"{option} must be {range}.");
    }

    public static void RequireText(string? text, string option, string what)
    {
        if (string.IsNullOrEmpty(text))
            throw new ArgumentException($"{option} must name {what}; it is empty.", option);
    }

    /// <summary>A side of the square that a shipped network sees: it is halved three times, and an image of it must fit the memory.</summary>
    public static void RequireSide(string option, int side) => Require(side is >= 8 and <= 1024 && side % 8 == 0, option, side, "a multiple of 8 from 8 to 1,024");

    /// <summary>The width of a shipped network, from which its other sizes are computed: they stay within an int.</summary>
    public static void RequireWidth(string option, int width, int multiple) =>
        Require(width > 0 && width <= 65_536 && width % multiple == 0, option, width, $"a multiple of {multiple} up to 65,536");

    public static void RequireBatch(string option, int size) => Require(size is >= 1 and <= MostTogether, option, size, "1 to 4,096");

    public static void RequireNames((string Option, string Name)[] inputs, (string Option, string Name)[] outputs)
    {
        foreach ((string option, string name) in inputs.Concat(outputs))
            RequireText(name, option, "a column");
        foreach (var same in outputs.GroupBy(output => output.Name).Where(group => group.Count() > 1))
            throw new ArgumentException($"{string.Join(" and ", same.Select(output => output.Option))} both name the column '{same.Key}'; each output needs a name of its own.", same.First().Option);
    }
}
