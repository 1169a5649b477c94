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
        var data = new DataSetArguments();
        Option<bool> absent = new("--absent") { Description = "Also read rows for what was verified to be absent" };
        Option<bool> decode = new("--decode") { Description = "Also decode every picture and name those that are cut off or damaged" };
        Option<string> sheet = ValueOption.Create("--sheet", "Picture of some rows to write (PNG)", "contact-sheet.png");
        Option<int> pictures = ValueOption.Create("--pictures", "Rows in the picture; 0 for no picture", 12);
        var inspect = new System.CommandLine.Command("inspect", "Print what a data set holds and what looks wrong with it.") { absent, decode, sheet, pictures };
        data.AddTo(inspect);
        inspect.SetAction((arguments, cancellation) => Task.Run(() =>
        {
            int shown = arguments.GetValue(pictures);
            Require(shown >= 0, "Pictures", shown, "at least 0");
            SegmentationDataSet from = data.Open(arguments, arguments.GetValue(absent));
            var found = DataSetInspection.Of(from, shown, decode: arguments.GetValue(decode), cancellation: cancellation);
            Print(from, found);
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
        if (found.Turned > 0)
            Line($"turned      {found.Turned} pictures lie as their camera was held (EXIF), as viewers show them; of {found.TurnedByHabit} of them the annotations' size does not tell");
        List("problems", found.ProblemCount, found.Problems);
        if (data.Notes.Count > 0)
            List("passed over", data.Notes.Count, data.Notes.Problems);
    }

    private static void List(string title, long count, IReadOnlyList<string> texts)
    {
        Line($"{title,-12}{count}");
        foreach (string text in texts.Take(ProblemsShown))
            Line($"  {text}");
        if (count > ProblemsShown)
            Line($"  and {count - ProblemsShown} more");
    }

    private static void WriteSheet(DataSetInspection found, string path)
    {
        // What is wrong with the others stands among the problems.
        AnnotatedQuery[] shown = [.. found.Samples.Where(ImageFiles.IsWhole)];
        if (shown.Length == 0)
            return;
        ContactSheet.Draw(shown).Save(path);
        Line($"picture     {Path.GetFullPath(path)}, row by row: {string.Join(", ", shown.Select(row => row.Traits.HasFlag(QueryTraits.Absent) ? $"no {row.Query}" : row.Query))}");
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
