using System.Buffers.Text;
using System.Text;

namespace Microsoft.ML.DrSeg.Data;

/// <summary>
/// The rows of a CSV file (RFC 4180: quoted fields, doubled quotes, either line end; a byte-order mark is passed over), one
/// in memory at a time. Empty lines are passed over.
/// </summary>
internal sealed class CsvRows : IDisposable
{
    private const int LongestRow = 1 << 20;
    private readonly Stream _stream;
    private readonly string _name;
    private readonly byte[] _buffer;
    private readonly List<byte> _text = [];
    private readonly List<int> _ends = [];
    private int _at, _filled, _line = 1;
    private long _offset; // of the buffer's beginning

    /// <param name="stream">Disposed with this.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="bufferSize">How much to read at once: little where rows are read here and there.</param>
    public CsvRows(Stream stream, string name, int bufferSize = 1 << 16)
    {
        (_stream, _name, _buffer) = (stream, name, new byte[bufferSize]);
        if (Peek() == 0xEF && _filled >= 3 && _buffer.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            _at = 3;
    }

    public static CsvRows Open(string path, int bufferSize = 1 << 16) => new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0), path, bufferSize);

    /// <summary>The line at which the row begins, the first being 1.</summary>
    public int Row { get; private set; }

    /// <summary>Where the row begins, in bytes.</summary>
    public long Offset { get; private set; }

    public SourcePlace Place => new(_name, Row);

    /// <summary>Fields of the row.</summary>
    public int Count => _ends.Count;

    public ReadOnlySpan<byte> this[int field] =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_text)[(field == 0 ? 0 : _ends[field - 1]).._ends[field]];

    public string Text(int field) => Encoding.UTF8.GetString(this[field]);

    /// <exception cref="InvalidDataException">It is no finite number.</exception>
    public double Number(int field, string name) =>
        Utf8Parser.TryParse(this[field], out double value, out int used) && used == this[field].Length && double.IsFinite(value)
            ? value
            : throw Place.Problem($"{name} must be a finite number, not '{Text(field)}'.");

    /// <summary>Goes on with the row that begins there.</summary>
    public void MoveTo(long offset, int row)
    {
        if (offset >= _offset && offset <= _offset + _filled)
        {
            _at = (int)(offset - _offset);
        }
        else
        {
            _stream.Position = _offset = offset;
            _at = _filled = 0;
        }
        _line = row;
    }

    /// <exception cref="InvalidDataException">A row does not end, or has text around a quoted field.</exception>
    public bool MoveNext()
    {
        while (Peek() is '\n' or '\r')
            Skip();
        if (Peek() < 0)
            return false;
        Row = _line;
        Offset = _offset + _at;
        _text.Clear();
        _ends.Clear();
        while (ReadField())
            Skip(); // the comma
        return true;
    }

    // Leaves the place at what follows the field; whether that is a comma.
    private bool ReadField()
    {
        if (Peek() == '"')
            ReadQuoted();
        for (int next; (next = Peek()) is not (',' or '\n' or '\r' or < 0);)
            Take((byte)next);
        _ends.Add(_text.Count);
        return Peek() == ',';
    }

    private void ReadQuoted()
    {
        Skip();
        while (true)
        {
            int next = Peek();
            if (next < 0)
                throw Place.Problem("the file ends within quotes.");
            if (next == '"')
            {
                Skip();
                if (Peek() != '"')
                    break;
            }
            Take((byte)next);
        }
        if (Peek() is not (',' or '\n' or '\r' or < 0))
            throw Place.Problem("there is text behind a quoted field. Double the quotes that belong to the text.");
    }

    private void Take(byte value)
    {
        if (_text.Count == LongestRow)
            throw Place.Problem($"it is longer than {LongestRow} bytes: the file is no CSV, or a quote is never closed.");
        _text.Add(value);
        Skip();
    }

    private void Skip()
    {
        if (_buffer[_at++] == '\n')
            _line++;
    }

    // -1 at the end.
    private int Peek()
    {
        if (_at == _filled)
        {
            _offset += _filled;
            _filled = _stream.Read(_buffer);
            _at = 0;
        }
        return _filled == 0 ? -1 : _buffer[_at];
    }

    public void Dispose() => _stream.Dispose();
}
