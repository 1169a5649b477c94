using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// A run's log: one JSON object a line, which holds exactly one of start, step, validation, samples and end. All of it but the
/// field <c>timing</c> is the same in every run of the same seed, resumed or not.
/// </summary>
internal sealed class RunLog : IDisposable
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly FileStream _stream;

    private RunLog(FileStream stream) => _stream = stream;

    /// <summary>Opens a log to go on with after a step; what it says of later steps, and of an end, is cut off.</summary>
    /// <param name="step">Steps done; 0 for a new run, which begins with an empty log.</param>
    public static RunLog Open(string path, int step)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            stream.SetLength(step == 0 ? 0 : LengthThrough(path, step));
            stream.Seek(0, SeekOrigin.End);
            return new RunLog(stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Adds a line, which other processes see at once.</summary>
    public void Write(RunLogLine line)
    {
        _stream.Write(JsonSerializer.SerializeToUtf8Bytes(line, Json));
        _stream.WriteByte((byte)'\n');
        _stream.Flush();
    }

    public void Flush() => _stream.Flush(flushToDisk: true);

    public void Dispose() => _stream.Dispose();

    /// <summary>The whole lines of a log, also of one that is being written.</summary>
    public static IReadOnlyList<RunLogLine> Read(string path) => [.. Lines(path).Select(line => line.Line)];

    private static long LengthThrough(string path, int step)
    {
        long length = 0;
        foreach ((RunLogLine line, long end) in Lines(path))
        {
            if (line.End is not null || line.LastStep > step) break;
            length = end;
        }
        return length;
    }

    private static IEnumerable<(RunLogLine Line, long End)> Lines(string path)
    {
        byte[] bytes;
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        using (var copy = new MemoryStream())
        {
            stream.CopyTo(copy);
            bytes = copy.ToArray();
        }
        int from = 0;
        for (int number = 1; ; number++)
        {
            // A last line without its end is one that a killed process was writing.
            int length = bytes.AsSpan(from).IndexOf((byte)'\n');
            if (length < 0) yield break;
            yield return (Parse(bytes.AsSpan(from, length), path, number), from += length + 1);
        }
    }

    private static RunLogLine Parse(ReadOnlySpan<byte> bytes, string path, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<RunLogLine>(bytes, Json) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{path}', line {number}, is no line of a run's log: {error.Message} It reads: {Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 80)])}", error);
        }
    }
}

/// <summary>A line of <see cref="RunLog"/>: one of these.</summary>
internal sealed record RunLogLine
{
    public RunStart? Start { get; init; }

    public GrpoStepMetrics? Step { get; init; }

    public ValidationMetrics? Validation { get; init; }

    public SampleSheetLine? Samples { get; init; }

    public RunEnd? End { get; init; }

    /// <summary>The step that the line speaks of; 0 for the start.</summary>
    [JsonIgnore]
    public int LastStep => Step?.Step ?? Validation?.Step ?? Samples?.Step ?? End?.Step ?? 0;
}

/// <summary>What a run sets out to do.</summary>
/// <param name="Course">The options that training depends on, by name.</param>
internal sealed record RunStart(int Steps, IReadOnlyDictionary<string, string> Course);

/// <summary>How a run ended.</summary>
internal sealed record RunEnd(int Step, string Outcome);
