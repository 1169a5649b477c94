using System.Text.Json.Nodes;

namespace Microsoft.ML.DrSeg.Documentation.Notebooks;

/// <summary>One output of a cell: a value in one or several forms, or text that was written to the console.</summary>
/// <param name="Kind">Where it came from.</param>
/// <param name="Data">Its forms by MIME type. The console's text is <c>text/plain</c>.</param>
internal sealed record CellOutput(CellOutputKind Kind, IReadOnlyDictionary<string, string> Data)
{
    public const string PlainText = "text/plain", Html = "text/html", Png = "image/png";

    /// <summary>Its plain text; empty where it has none.</summary>
    public string Text => Data.GetValueOrDefault(PlainText, "");

    /// <summary>Text that a cell wrote to the console.</summary>
    public static CellOutput OfConsole(string text) => new(CellOutputKind.Console, new Dictionary<string, string> { [PlainText] = text });

    /// <summary>Reads an output as nbformat 4 stores it.</summary>
    public static CellOutput Parse(JsonObject output) => (string?)output["output_type"] switch
    {
        "stream" => OfConsole(NotebookText.Join(output["text"])),
        "display_data" => new(CellOutputKind.Displayed, DataOf(output)),
        "execute_result" => new(CellOutputKind.Result, DataOf(output)),
        var other => throw new InvalidDataException($"A stored output is of type '{other}'; expected stream, display_data or execute_result. Run the notebook again with --update."),
    };

    /// <summary>The output as nbformat 4 stores it.</summary>
    /// <param name="number">The number of the cell's run.</param>
    public JsonObject ToJson(int number)
    {
        if (Kind == CellOutputKind.Console)
            return new() { ["output_type"] = "stream", ["name"] = "stdout", ["text"] = NotebookText.Split(Text) };
        var forms = new JsonObject();
        foreach ((string type, string value) in Data.OrderBy(form => form.Key, StringComparer.Ordinal))
            forms[type] = type == Png ? value : NotebookText.Split(value);
        var output = new JsonObject { ["data"] = forms, ["metadata"] = new JsonObject() };
        if (Kind == CellOutputKind.Result)
            output["execution_count"] = number;
        output["output_type"] = Kind == CellOutputKind.Result ? "execute_result" : "display_data";
        return output;
    }

    private static Dictionary<string, string> DataOf(JsonObject output) =>
        output["data"]!.AsObject().ToDictionary(form => form.Key, form => NotebookText.Join(form.Value));
}

/// <summary>Where an output came from.</summary>
internal enum CellOutputKind
{
    /// <summary>Written to the console.</summary>
    Console,

    /// <summary>Given to <c>display</c>.</summary>
    Displayed,

    /// <summary>The value of the cell's last expression.</summary>
    Result,
}
