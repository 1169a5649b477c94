namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>The damaged rows that were left out, each counted once however often the data are passed over. Any number of threads may note.</summary>
public sealed class SkippedRows
{
    private const int MostProblems = 100;
    private readonly HashSet<SourcePlace> _places = [];
    private readonly List<string> _problems = [];

    /// <summary>How many rows were left out.</summary>
    public int Count
    {
        get
        {
            lock (_places)
                return _places.Count;
        }
    }

    /// <summary>What was wrong with the first hundred: file, place and problem.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            lock (_places)
                return [.. _problems];
        }
    }

    internal void Add(SourcePlace place, string problem)
    {
        lock (_places)
            if (_places.Add(place) && _problems.Count < MostProblems)
                _problems.Add(problem);
    }
}

/// <summary>Where in which file something stands, for messages.</summary>
/// <param name="Position">Bytes from the start of JSON, rows of CSV from 1; -1 for the file as a whole.</param>
internal readonly record struct SourcePlace(string File, long Position = -1)
{
    public override string ToString() =>
        Position < 0 ? $"'{File}'" : $"'{File}', {(File.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? "row" : "byte")} {Position}";

    /// <summary>Whether an exception means that the data are wrong, and not the program or the machine.</summary>
    public static bool IsDataProblem(Exception error) =>
        error is InvalidDataException or ArgumentException or FormatException or OverflowException or FileNotFoundException
            or System.Text.Json.JsonException or System.Xml.XmlException or KeyNotFoundException or InvalidOperationException;

    public InvalidDataException Problem(Exception error) => new($"{this}: {error.Message}", error);

    public InvalidDataException Problem(string problem) => new($"{this}: {problem}");
}
