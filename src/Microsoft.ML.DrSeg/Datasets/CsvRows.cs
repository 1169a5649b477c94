using System.Buffers.Text;
using CsvHelper;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// The rows of a CSV file in UTF-8 (RFC 4180: quoted fields, doubled quotes, either line end; a byte-order mark is passed
/// over), one in memory at a time, with errors that name file and line. Empty lines are passed over.
/// </summary>
internal sealed class CsvRows : IDisposable
{
    // Without a limit, a quote that is never closed would fill the memory with the file.
    private static readonly CsvReaderOptions Standard = new()
    {
        Separator = ',',
        HasHeader = false,
        MalformedData = CsvMalformedDataHandling.Throw,
        MaxRecordSize = 1 << 20,
        TrackLineNumbers = true,
    };

    // Where rows are read here and there, what lies behind them would be read in vain.
    private static readonly CsvReaderOptions HereAndThere = Standard with { BufferSize = 1024 };

    private readonly Stream _stream;
    private readonly string _name;
    private CsvReader _reader;
    private long _bytesBefore, _linesBefore; // where the reader began

    /// <param name="stream">Disposed with this.</param>
    public CsvRows(Stream stream, string name) =>
        (_stream, _name, _reader) = (stream, name, CsvReader.Create(stream, Standard, leaveOpen: true));

    public static CsvRows Open(string path) => new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0), path);

    /// <summary>The line at which the row begins, the first being 1.</summary>
    public int Row => checked((int)(_linesBefore + _reader.LineNumber));

    public long Offset => _bytesBefore + _reader.ByteOffset;

    public SourcePlace Place => new(_name, Row);

    public int Count => _reader.FieldCount;

    public ReadOnlySpan<byte> this[int field] => _reader.GetSpan(field);

    public string Text(int field) => _reader.GetString(field);

    public double Number(int field, string name) =>
        Utf8Parser.TryParse(this[field], out double value, out int used) && used == this[field].Length && double.IsFinite(value)
            ? value
            : throw Place.Problem($"{name} must be a finite number, not '{Text(field)}'.");

    public void MoveTo(long offset, int row)
    {
        _reader.Dispose();
        _stream.Position = offset;
        (_reader, _bytesBefore, _linesBefore) = (CsvReader.Create(_stream, HereAndThere, leaveOpen: true), offset, row - 1);
    }

    public bool MoveNext()
    {
        try
        {
            return _reader.Read();
        }
        catch (CsvFormatException error)
        {
            throw new InvalidDataException(
                $"{new SourcePlace(_name, _linesBefore + error.LineNumber)}: {error.Message} Put a field that has quotes, commas or line ends in quotes as a whole, and double its own.", error);
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
    }
}
