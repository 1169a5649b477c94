using System.Globalization;
using System.Text;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Reporting;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>How often what is truly one class was taken for another, as numbers and as a picture.</summary>
/// <param name="names">The classes.</param>
/// <param name="counts">For each true class, how often it was taken for each.</param>
internal sealed class ConfusionMatrix(IReadOnlyList<string> names, IReadOnlyList<IReadOnlyList<long>> counts)
{
    private const int Cell = 22, Margin = 170, Gap = 8, LongestName = 22;

    public IReadOnlyList<string> Names => names;

    public IReadOnlyList<IReadOnlyList<long>> Counts => counts;

    /// <param name="path">The file: .svg for a picture, .csv for numbers.</param>
    public void Save(string path) => AtomicFile.WriteText(path, IsPicture(path) ? ToSvg() : ToCsv());

    /// <exception cref="ArgumentException">The file is to be neither a picture nor numbers.</exception>
    public static bool IsPicture(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".svg" => true,
        ".csv" => false,
        var extension => throw new ArgumentException($"A confusion matrix is written as .svg (a picture) or .csv (numbers), not as '{extension}': '{path}'.", nameof(path)),
    };

    private string ToCsv()
    {
        var text = new StringBuilder();
        FigureTable.AppendCsv(text, ["true \\ predicted", .. names]);
        for (var i = 0; i < names.Count; i++)
            FigureTable.AppendCsv(text, [names[i], .. counts[i].Select(count => count.ToString(CultureInfo.InvariantCulture))]);
        return text.ToString();
    }

    // A row a true class, coloured by the share of the row.
    private string ToSvg()
    {
        var side = Margin + Gap + names.Count * Cell;
        var svg = new StringBuilder($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" font-family=\"sans-serif\" font-size=\"11\">\n");
        svg.Append($"<rect width=\"{side}\" height=\"{side}\" fill=\"white\"/>\n<text x=\"8\" y=\"{Margin - Gap}\">true (rows), predicted (columns)</text>\n");
        for (var i = 0; i < names.Count; i++)
        {
            var middle = Margin + i * Cell + Cell / 2;
            var name = names[i].Length <= LongestName ? names[i] : names[i][..LongestName] + "...";
            svg.Append($"<text x=\"{Margin - Gap}\" y=\"{middle + 4}\" text-anchor=\"end\">").AppendText(name).Append("</text>");
            svg.Append($"<text transform=\"translate({middle + 4} {Margin - Gap - 14}) rotate(-90)\">").AppendText(name).Append("</text>\n");
            var all = counts[i].Sum();
            for (var j = 0; j < names.Count; j++)
            {
                var share = all == 0 ? 0 : (double)counts[i][j] / all;
                var colour = HeatScale.Color(1 - share);
                svg.Append($"<rect x=\"{Margin + j * Cell}\" y=\"{Margin + i * Cell}\" width=\"{Cell}\" height=\"{Cell}\" fill=\"{(share == 0 ? "white" : $"rgb({colour.Red},{colour.Green},{colour.Blue})")}\" stroke=\"#ddd\"><title>");
                svg.AppendText($"{names[i]} taken for {names[j]}: {counts[i][j]} of {all}").Append("</title></rect>\n");
            }
        }
        return svg.Append("</svg>\n").ToString();
    }
}
