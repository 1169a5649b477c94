using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.DotNet.Interactive.Documents;
using Microsoft.DotNet.Interactive.Documents.Jupyter;

namespace Microsoft.ML.DrSeg.Package.Tests.Notebooks;

/// <summary>A notebook file with cells in C#.</summary>
internal sealed class NotebookDocument
{
    private const string Markdown = "markdown", Metadata = "metadata", Kernels = "polyglot_notebook";

    private static readonly JsonSerializerOptions Jupyter = new()
    {
        WriteIndented = true,
        IndentSize = 1, // as Jupyter writes it, so that its saving changes nothing
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it is a file, no part of a page
    };

    private readonly InteractiveDocument _document;
    private readonly JsonNode? _metadata;

    private NotebookDocument(InteractiveDocument document, JsonNode? metadata)
    {
        (_document, _metadata) = (document, metadata);
        CodeCells = [.. document.Elements.Where(element => element.KernelName != Markdown)];
    }

    /// <summary>The cells of code, in their order.</summary>
    public IReadOnlyList<InteractiveDocumentElement> CodeCells { get; }

    public static NotebookDocument Load(string path)
    {
        string text = File.ReadAllText(path);
        KernelInfoCollection kernels = [new("csharp", "C#")];
        kernels.DefaultKernelName = "csharp";
        return new(Notebook.Parse(text, kernels), JsonNode.Parse(text)![Metadata]);
    }

    /// <summary>Writes it with what it says of itself as it was read.</summary>
    public void Save(string path)
    {
        // The list of kernels is read into something that cannot be written.
        _document.Metadata.Remove(Kernels);
        JsonNode root = JsonNode.Parse(_document.ToJupyterJson("C#"))!;
        root[Metadata] = _metadata?.DeepClone();
        File.WriteAllText(path, root.ToJsonString(Jupyter) + "\n");
    }
}
