namespace Microsoft.ML.DrSeg.Documentation.Notebooks;

/// <summary>What the cells of a notebook can name without defining it, as in .NET Interactive.</summary>
public sealed class NotebookKernel
{
    private readonly List<CellOutput> _outputs;

    internal NotebookKernel(List<CellOutput> outputs) => _outputs = outputs;

    /// <summary>How values are shown.</summary>
    public NotebookFormatter Formatter { get; } = new();

#pragma warning disable CA1707, IDE1006 // .NET Interactive's own name
    /// <summary>Shows a value below the cell.</summary>
    public void display(object? value)
    {
        var output = new CellOutput(CellOutputKind.Displayed, Formatter.Format(value));
        lock (_outputs) // a cell may show and write from several threads
            _outputs.Add(output);
    }
#pragma warning restore CA1707, IDE1006

    /// <summary>Marks text as HTML, to be displayed.</summary>
    public static NotebookHtml HTML(string content) => new(content);
}
