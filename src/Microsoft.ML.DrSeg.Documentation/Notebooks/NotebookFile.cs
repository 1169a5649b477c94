using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.DrSeg.Documentation.Notebooks;

/// <summary>A notebook file (<c>.ipynb</c>, nbformat 4): what is not known here is kept as it is.</summary>
internal sealed class NotebookFile
{
    private static readonly JsonSerializerOptions Jupyter = new()
    {
        WriteIndented = true,
        IndentSize = 1, // as Jupyter writes it, so that its saving changes nothing
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it is a file, no part of a page
    };

    private readonly JsonObject _root;

    private NotebookFile(JsonObject root)
    {
        _root = root;
        CodeCells = [.. root["cells"]!.AsArray().Select(cell => cell!.AsObject()).Where(cell => (string?)cell["cell_type"] == "code").Select(cell => new CodeCell(cell))];
    }

    /// <summary>The cells of code, in their order.</summary>
    public IReadOnlyList<CodeCell> CodeCells { get; }

    /// <summary>The kernel that it asks for, such as <c>.net-csharp</c>.</summary>
    public string? Kernel => (string?)_root["metadata"]?["kernelspec"]?["name"];

    /// <summary>Reads a notebook.</summary>
    /// <exception cref="InvalidDataException">The file is no notebook of nbformat 4.</exception>
    public static NotebookFile Load(string path)
    {
        try
        {
            JsonObject root = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            return (int?)root["nbformat"] == 4 && root["cells"] is JsonArray
                ? new(root)
                : throw new InvalidDataException($"'{path}' has nbformat {root["nbformat"] ?? "(none)"} and {(root["cells"] is JsonArray ? "" : "no ")}cells; expected a notebook of nbformat 4.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"'{path}' is no notebook: {error.Message}", error);
        }
    }

    /// <summary>Writes the notebook.</summary>
    public void Save(string path) => File.WriteAllText(path, _root.ToJsonString(Jupyter) + "\n");
}

/// <summary>A cell of code with its stored outputs.</summary>
internal sealed class CodeCell(JsonObject cell)
{
    /// <summary>The code.</summary>
    public string Source => NotebookText.Join(cell["source"]);

    /// <summary>The outputs as they are stored.</summary>
    public IReadOnlyList<CellOutput> Outputs => [.. cell["outputs"]!.AsArray().Select(output => CellOutput.Parse(output!.AsObject()))];

    /// <summary>Stores new outputs, and numbers the cell.</summary>
    /// <param name="outputs">What the cell gave.</param>
    /// <param name="number">The place of the run among all of the notebook, from 1.</param>
    public void Store(IEnumerable<CellOutput> outputs, int number)
    {
        cell["execution_count"] = number;
        cell["outputs"] = new JsonArray([.. outputs.Select(output => output.ToJson(number))]);
    }
}

/// <summary>The two ways in which notebooks store text: one string, or a list of lines.</summary>
internal static class NotebookText
{
    public static string Join(JsonNode? text) => text is JsonArray lines ? string.Concat(lines.Select(line => (string?)line)) : (string?)text ?? "";

    public static JsonArray Split(string text)
    {
        var lines = new JsonArray();
        for (int start = 0; start < text.Length;)
        {
            int end = text.IndexOf('\n', start) is >= 0 and var at ? at + 1 : text.Length;
            lines.Add((JsonNode)text[start..end]);
            start = end;
        }
        return lines;
    }
}
