using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace Microsoft.ML.DrSeg.Documentation.Notebooks;

/// <summary>
/// Runs the cells of a notebook one after the other, as the C# kernel of .NET Interactive does. Packages are those that this
/// program was built with: <c>#r "nuget: ..."</c> and <c>#i</c> are taken as done.
/// </summary>
internal sealed partial class NotebookRunner
{
    private static readonly string[] Imports =
        ["System", "System.IO", "System.Text", "System.Collections", "System.Collections.Generic", "System.Linq", "System.Threading.Tasks"];

    private readonly List<CellOutput> _outputs = [];
    private readonly NotebookKernel _kernel;
    private ScriptState<object>? _state;

    public NotebookRunner() => _kernel = new(_outputs);

    /// <summary>Runs all cells.</summary>
    /// <param name="notebook">The notebook, which is not changed.</param>
    /// <param name="ran">Told after each cell: its number from 1, and how long it took.</param>
    /// <returns>The outputs of each cell.</returns>
    /// <exception cref="NotebookException">A cell failed; the message names it.</exception>
    public static async Task<IReadOnlyList<IReadOnlyList<CellOutput>>> Run(NotebookFile notebook, Action<int, TimeSpan>? ran = null)
    {
        var runner = new NotebookRunner();
        var outputs = new List<IReadOnlyList<CellOutput>>();
        foreach (CodeCell cell in notebook.CodeCells)
        {
            long started = Stopwatch.GetTimestamp();
            outputs.Add(await runner.Run(cell.Source, outputs.Count + 1));
            ran?.Invoke(outputs.Count, Stopwatch.GetElapsedTime(started));
        }
        return outputs;
    }

    /// <summary>Runs one cell with everything that earlier ones have defined.</summary>
    /// <param name="source">Its code.</param>
    /// <param name="number">Its number, for messages.</param>
    /// <exception cref="NotebookException">It does not compile, or throws.</exception>
    public async Task<IReadOnlyList<CellOutput>> Run(string source, int number)
    {
        string code = Directive().Replace(source, "");
        if (Magic().Match(code) is { Success: true } magic)
            throw new NotebookException(number, $"the magic command '{magic.Value.Trim()}' is not known here; only C#, #r \"nuget: ...\" and #i \"nuget: ...\" are.");
        _outputs.Clear();
        TextWriter console = Console.Out;
        using var written = new ConsoleOutput(_outputs);
        Console.SetOut(written);
        try
        {
            _state = _state is null
                ? await CSharpScript.RunAsync<object>(code, Options(), _kernel)
                : await _state.ContinueWithAsync<object>(code);
        }
        catch (CompilationErrorException error)
        {
            throw new NotebookException(number, string.Join(Environment.NewLine, error.Diagnostics), error);
        }
        // Whatever a cell throws is the cell's failure, and its trace tells where.
        catch (Exception error)
        {
            throw new NotebookException(number, error.ToString(), error);
        }
        finally
        {
            Console.SetOut(console);
        }
        written.Flush();
        // A cell whose last line ends in a semicolon gives nothing.
        if (_state.ReturnValue is { } value)
            _outputs.Add(new(CellOutputKind.Result, _kernel.Formatter.Format(value)));
        return [.. _outputs];
    }

    private static ScriptOptions Options() => ScriptOptions.Default
        .WithReferences(((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)))
        .WithImports(Imports)
        .WithLanguageVersion(Microsoft.CodeAnalysis.CSharp.LanguageVersion.Latest)
        .WithOptimizationLevel(OptimizationLevel.Release);

    [GeneratedRegex("""^[ \t]*#(r|i)[ \t]+"nuget:[^"\n]*"[ \t]*$""", RegexOptions.Multiline)]
    private static partial Regex Directive();

    [GeneratedRegex(@"^[ \t]*(#!|%)\S+", RegexOptions.Multiline)]
    private static partial Regex Magic();

    /// <summary>Collects what is written to the console, in its order among what is displayed.</summary>
    private sealed class ConsoleOutput(List<CellOutput> outputs) : StringWriter
    {
        public override void Write(char value) => Add(value.ToString());

        public override void Write(string? value) => Add(value ?? "");

        public override void Write(char[] buffer, int index, int count) => Add(new string(buffer, index, count));

        public override void WriteLine(string? value) => Add($"{value}\n");

        private void Add(string text)
        {
            lock (outputs)
            {
                if (outputs.Count > 0 && outputs[^1].Kind == CellOutputKind.Console)
                    outputs[^1] = CellOutput.OfConsole(outputs[^1].Text + text);
                else
                    outputs.Add(CellOutput.OfConsole(text));
            }
        }
    }
}

/// <summary>A cell that failed.</summary>
internal sealed class NotebookException(int cell, string message, Exception? inner = null) : Exception($"Cell {cell}: {message}", inner);
