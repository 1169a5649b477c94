using System.CommandLine;
using System.Globalization;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Models;
using static Microsoft.ML.DrSeg.Common.OptionChecks;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary><c>drseg data inspect</c>: what a data set holds, what looks wrong with it, and a picture of some of its rows.</summary>
internal static class InspectCommand
{
    private const int CategoriesShown = 20, ProblemsShown = 20;

    public static System.CommandLine.Command Create()
    {
        Argument<string> path = new("path") { Description = "Folder of a data set, or an annotation file" };
        Option<string> layout = ComposeCommand.LayoutOption(byDefault: null);
        Option<string?> split = ValueOption.Create<string?>("--split", "Part of the data set, where there are several", null);
        Option<bool> skip = new("--skip-bad") { Description = "Leave damaged rows out and count them, instead of stopping at the first one" };
        Option<bool> absent = new("--absent") { Description = "Also read rows for what was verified to be absent" };
        Option<string> sheet = ValueOption.Create("--sheet", "Picture of some rows to write (PNG)", "contact-sheet.png");
        Option<int> pictures = ValueOption.Create("--pictures", "Rows in the picture; 0 for no picture", 12);
        var inspect = new System.CommandLine.Command("inspect", "Print what a data set holds and what looks wrong with it.") { path, layout, split, skip, absent, sheet, pictures };
        inspect.SetAction((arguments, cancellation) => Task.Run(() =>
        {
            int shown = arguments.GetValue(pictures);
            Require(shown >= 0, "Pictures", shown, "at least 0");
            var options = new DataSetOptions
            {
                Split = arguments.GetValue(split),
                IncludeAbsent = arguments.GetValue(absent),
                Skipped = arguments.GetValue(skip) ? new SkippedRows() : null,
            };
            DataSetLayout? wanted = arguments.GetValue(layout) is { } name ? ComposeCommand.LayoutOf(name) : null;
            SegmentationDataSet data = DataSetFinder.Open(arguments.GetValue(path)!, options, wanted);
            var found = DataSetInspection.Of(data, shown, cancellation: cancellation);
            Print(data, found);
            if (found.Samples.Count > 0)
                WriteSheet(found, arguments.GetValue(sheet)!);
            return 0;
        }));
        return inspect;
    }

    private static void Print(SegmentationDataSet data, DataSetInspection found)
    {
        Line($"layout      {data.Layout}");
        Line($"images      {found.Images}");
        Line($"rows        {found.Rows} (queries with their answer), {found.Absent} of them of things verified to be absent");
        Line($"objects     {found.Objects}: {found.Sizes.Small} small, {found.Sizes.Medium} medium, {found.Sizes.Large} large; {found.Groups} groups, {found.BoxesOnly} with a box only");
        Line($"categories  {found.Categories.Count} of {data.Categories.Count} occur");
        int Of(QueryTraits trait) => data.Categories.Count(one => one.Traits.HasFlag(trait));
        if (Of(QueryTraits.Stuff) is > 0 and var stuff)
            Line($"            {data.Categories.Count - stuff} things, {stuff} kinds of stuff");
        if (Of(QueryTraits.Rare) + Of(QueryTraits.Common) + Of(QueryTraits.Frequent) > 0)
            Line($"            {Of(QueryTraits.Rare)} rare, {Of(QueryTraits.Common)} common, {Of(QueryTraits.Frequent)} frequent");
        foreach ((Category Category, long Rows, long Objects) one in found.Categories.Take(CategoriesShown))
            Line($"  {one.Category.Name,-24} {one.Objects,8} objects in {one.Rows,7} images");
        if (found.Categories.Count > CategoriesShown)
            Line($"  and {found.Categories.Count - CategoriesShown} more");
        Line($"problems    {found.ProblemCount}");
        foreach (string problem in found.Problems.Take(ProblemsShown))
            Line($"  {problem}");
        if (found.ProblemCount > ProblemsShown)
            Line($"  and {found.ProblemCount - ProblemsShown} more");
    }

    private static void WriteSheet(DataSetInspection found, string path)
    {
        AnnotatedQuery[] shown = [.. found.Samples.Where(row => File.Exists(row.ImagePath))];
        if (shown.Length == 0)
            return;
        ContactSheet.Draw(shown).Save(path);
        Line($"picture     {Path.GetFullPath(path)}, row by row: {string.Join(", ", shown.Select(row => row.Traits.HasFlag(QueryTraits.Absent) ? $"no {row.Query}" : row.Query))}");
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
