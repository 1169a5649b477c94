using System.Globalization;
using System.Text;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>A table of figures in plain text, for a console or a log: names to the left, numbers to the right.</summary>
/// <param name="title">What was measured, in a line.</param>
internal sealed class FigureTable(string title)
{
    private readonly List<(string Name, string Value)> _rows = [];

    /// <summary>Adds a share in [0, 1], printed with four decimals; null, a figure that does not exist, as a dash.</summary>
    public FigureTable Add(string name, double? share)
    {
        _rows.Add((name, share?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-"));
        return this;
    }

    /// <summary>Adds a line of its own for each named value, after a heading; nothing where there are none.</summary>
    public FigureTable AddGroup(string heading, IEnumerable<(string Name, double? Share)> figures)
    {
        var first = true;
        foreach (var (name, share) in figures)
        {
            if (first)
                _rows.Add((heading, ""));
            first = false;
            Add("  " + name, share);
        }
        return this;
    }

    public override string ToString()
    {
        var text = new StringBuilder(title);
        var width = _rows.Count == 0 ? 0 : _rows.Max(row => row.Name.Length);
        foreach (var (name, value) in _rows)
            text.Append('\n').Append(value.Length == 0 ? name : $"{name.PadRight(width)}  {value,7}");
        return text.ToString();
    }
}
