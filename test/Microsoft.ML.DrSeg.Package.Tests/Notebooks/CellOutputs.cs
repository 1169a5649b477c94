using Microsoft.DotNet.Interactive.Documents;
using Microsoft.DotNet.Interactive.Events;

namespace Microsoft.ML.DrSeg.Package.Tests.Notebooks;

/// <summary>What a cell gives, as notebooks store it.</summary>
internal static class CellOutputs
{
    /// <summary>The outputs that a front end stores for what happened while a cell ran.</summary>
    /// <param name="events">All that happened, in its order.</param>
    /// <param name="number">The cell's number.</param>
    public static IEnumerable<InteractiveDocumentOutputElement> Of(IReadOnlyList<KernelEvent> events, int number)
    {
        // What is updated in place is progress, such as that of restoring packages.
        var progress = events.OfType<DisplayedValueUpdated>().Select(update => update.ValueId).ToHashSet();
        var written = "";
        foreach (DisplayEvent shown in events.OfType<DisplayEvent>().Where(shown => shown is not DisplayedValueUpdated && (shown.ValueId is null || !progress.Contains(shown.ValueId))))
        {
            if (shown is StandardOutputValueProduced or StandardErrorValueProduced)
            {
                written += string.Concat(shown.FormattedValues.Select(value => value.Value));
                continue;
            }
            if (written.Length > 0)
                yield return new TextElement(written, "stdout");
            written = "";
            if (shown is not ReturnValueProduced)
            {
                yield return new DisplayElement(shown.FormattedValues.ToDictionary(value => value.MimeType, object (value) => value.Value));
                continue;
            }
            var returned = new ReturnValueElement { ExecutionOrder = number };
            foreach (var value in shown.FormattedValues)
                returned.Data[value.MimeType] = value.Value;
            yield return returned;
        }
        if (written.Length > 0)
            yield return new TextElement(written, "stdout");
    }

    /// <summary>The texts of an output by their form.</summary>
    public static IReadOnlyDictionary<string, string> TextsOf(InteractiveDocumentOutputElement output) => output switch
    {
        TextElement text => new Dictionary<string, string> { [text.Name ?? ""] = text.Text },
        DisplayElement shown => TextsOf(shown.Data),
        ReturnValueElement returned => TextsOf(returned.Data),
        _ => throw new InvalidDataException($"A stored output is a {output.GetType().Name}, which no cell here may give."),
    };

    // nbformat stores a text as one string or as its lines.
    private static Dictionary<string, string> TextsOf(IDictionary<string, object> data) =>
        data.ToDictionary(form => form.Key, form => form.Value is IEnumerable<object> lines ? string.Concat(lines) : form.Value.ToString() ?? "");
}
