using System.CommandLine;
using System.Globalization;

namespace Microsoft.ML.DrSeg.Documentation.Notebooks;

/// <summary><c>drseg-docs notebooks</c>: runs notebooks, and compares their outputs with the stored ones or stores them.</summary>
internal static class NotebooksCommand
{
    private const string Kernel = ".net-csharp";

    public static System.CommandLine.Command Create()
    {
        Argument<string[]> paths = new("notebooks") { Description = "Notebook files, or folders of them", DefaultValueFactory = _ => [Path.Combine("docs", "notebooks")] };
        Option<bool> update = new("--update") { Description = "Store the outputs that are seen, instead of comparing them" };
        var command = new System.CommandLine.Command("notebooks", "Run notebooks from their first cell to their last.") { paths, update };
        command.SetAction((arguments, _) => Run(arguments.GetValue(paths)!, arguments.GetValue(update)));
        return command;
    }

    private static async Task<int> Run(string[] paths, bool update)
    {
        int failures = 0;
        string[] files = [.. paths.Select(Path.GetFullPath).SelectMany(FilesOf)];
        foreach (string path in files)
        {
            TextWriter console = Console.Out;
            console.WriteLine(Path.GetFileName(path));
            NotebookFile notebook = NotebookFile.Load(path);
            if (notebook.Kernel != Kernel)
                throw new InvalidDataException($"'{path}' asks for the kernel '{notebook.Kernel}'; only {Kernel} can be run.");
            Environment.CurrentDirectory = Path.GetDirectoryName(path)!; // where a notebook's front end begins
            try
            {
                IReadOnlyList<IReadOnlyList<CellOutput>> outputs = await NotebookRunner.Run(notebook,
                    (cell, time) => console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  cell {cell}: {time.TotalSeconds:0.0} s")));
                foreach ((int index, CodeCell cell) in notebook.CodeCells.Index())
                {
                    if (update)
                        cell.Store(outputs[index], index + 1);
                    else if (OutputComparison.Difference(cell.Outputs, outputs[index]) is { } difference)
                        throw new NotebookException(index + 1, $"{difference}{Environment.NewLine}Where that is right, store it with: drseg-docs notebooks --update");
                }
                if (update)
                    notebook.Save(path);
            }
            catch (NotebookException error)
            {
                Console.Error.WriteLine($"{Path.GetFileName(path)}: {error.Message}");
                failures++;
            }
        }
        return failures == 0 ? 0 : 1;
    }

    private static IEnumerable<string> FilesOf(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.ipynb").Order(StringComparer.Ordinal) : [path];
}
