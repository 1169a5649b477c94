using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>Where a record stands in its file.</summary>
internal readonly record struct RecordPlace(long Offset, int Length);

/// <summary>
/// A JSON file whose top-level arrays are too long to hold. A first pass shows every record once, so that an index of
/// places can be made; records are then read at their places, in any order.
/// </summary>
internal sealed class JsonRecordFile(string path)
{
    private const int BufferSize = 1 << 18, LongestRecord = 1 << 26;

    public delegate void Visitor(ReadOnlySpan<byte> record, RecordPlace place);

    public string Path => path;

    /// <summary>Shows the records of top-level arrays, in the order of the file. All else is passed over.</summary>
    /// <param name="visitors">By the array's name; the empty name for a file that is one array itself.</param>
    /// <returns>The names of the arrays that were there.</returns>
    public HashSet<string> Scan(IReadOnlyDictionary<string, Visitor> visitors)
    {
        var found = new HashSet<string>();
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        var window = new Window(stream);
        try
        {
            if (window.Next() == JsonTokenType.StartArray && visitors.TryGetValue("", out Visitor? whole))
            {
                window.VisitRecords(whole);
                return [""];
            }
            if (window.Type != JsonTokenType.StartObject)
                throw new JsonException($"expected an object, found {window.Type}.");
            while (window.Next() == JsonTokenType.PropertyName)
            {
                string name = window.Text!;
                JsonTokenType type = window.Next();
                if (!visitors.TryGetValue(name, out Visitor? visitor))
                    window.SkipValue();
                else if (type != JsonTokenType.StartArray)
                    throw new JsonException($"'{name}' must be an array of records, found {type}.");
                else if (found.Add(name))
                    window.VisitRecords(visitor);
                else
                    throw new JsonException($"'{name}' occurs twice.");
            }
            return found;
        }
        catch (JsonException error)
        {
            throw new SourcePlace(path, window.Position).Problem($"not JSON as expected, or cut off: {error.Message}");
        }
    }

    public SafeFileHandle Open() => File.OpenHandle(path, options: FileOptions.RandomAccess);

    public static JsonDocument Read(SafeFileHandle file, RecordPlace place)
    {
        byte[] bytes = new byte[place.Length];
        for (int read = 0; read < bytes.Length;)
        {
            int count = RandomAccess.Read(file, bytes.AsSpan(read), place.Offset + read);
            read += count > 0 ? count : throw new InvalidDataException("the file ends before the record: it has changed since it was indexed.");
        }
        return JsonDocument.Parse(bytes);
    }

    /// <summary>The part of the file in memory, and the reader's state at its beginning.</summary>
    private sealed class Window(FileStream stream)
    {
        private byte[] _buffer = new byte[BufferSize];
        private int _start, _end;
        private long _offset; // of the buffer's beginning
        private bool _ended, _begun;
        private JsonReaderState _state;

        public JsonTokenType Type { get; private set; }

        /// <summary>Of a property: its name.</summary>
        public string? Text { get; private set; }

        /// <summary>Bytes from the start of the file.</summary>
        public long Position => _offset + _start;

        public JsonTokenType Next()
        {
            while (true)
            {
                var reader = Reader();
                if (reader.Read())
                {
                    Type = reader.TokenType;
                    Text = Type == JsonTokenType.PropertyName ? reader.GetString() : null;
                    Consume(reader);
                    return Type;
                }
                Fill();
            }
        }

        /// <summary>Passes over the value whose first token was read: token by token, since it may be longer than memory.</summary>
        public void SkipValue()
        {
            for (int depth = Depth(Type); depth > 0; depth += Depth(Type))
                Next();
        }

        /// <summary>Shows every element of the array whose beginning was read.</summary>
        public void VisitRecords(Visitor visitor)
        {
            while (true)
            {
                try
                {
                    if (!VisitRecord(visitor))
                        return;
                }
                catch (JsonException)
                {
                    // Where that was all that was wrong, the record is read again.
                    if (!QuoteNoNumbers())
                        throw;
                }
            }
        }

        // False at the array's end.
        private bool VisitRecord(Visitor visitor)
        {
            var reader = Reader();
            if (!reader.Read())
            {
                Fill();
                return true;
            }
            int first = (int)reader.TokenStartIndex;
            bool ended = reader.TokenType == JsonTokenType.EndArray;
            if (!ended && !reader.TrySkip())
            {
                Fill();
                return true;
            }
            if (!ended)
            {
                var place = new RecordPlace(Position + first, (int)reader.BytesConsumed - first);
                visitor(_buffer.AsSpan(_start + first, place.Length), place);
            }
            Consume(reader);
            return !ended;
        }

        /// <summary>
        /// Python writes NaN, Infinity and -Infinity, which JSON has no words for. In the window they become texts of the same
        /// length, so that one such record does not hide all behind it; whoever reads it from the file meets the original.
        /// </summary>
        /// <returns>Whether there were any.</returns>
        private bool QuoteNoNumbers()
        {
            bool any = false, inText = false;
            for (int i = _start; i < _end; i++)
            {
                if (_buffer[i] == '"')
                    inText = !inText;
                else if (inText && _buffer[i] == '\\')
                    i++;
                else if (!inText && _buffer[i] is ((byte)'N' or (byte)'I'))
                {
                    ReadOnlySpan<byte> word = _buffer[i] == 'N' ? "NaN"u8 : "Infinity"u8;
                    if (_end - i < word.Length && !_ended)
                    {
                        Fill();
                        return true;
                    }
                    if (!_buffer.AsSpan(i, _end - i).StartsWith(word))
                        return any;
                    int first = i > _start && _buffer[i - 1] == '-' ? i - 1 : i, last = i + word.Length - 1;
                    _buffer.AsSpan(first, last - first).Fill((byte)'?');
                    _buffer[first] = _buffer[last] = (byte)'"';
                    (i, any) = (last, true);
                }
            }
            return any;
        }

        private static int Depth(JsonTokenType type) => type switch
        {
            JsonTokenType.StartArray or JsonTokenType.StartObject => 1,
            JsonTokenType.EndArray or JsonTokenType.EndObject => -1,
            _ => 0,
        };

        private Utf8JsonReader Reader() => new(_buffer.AsSpan(_start, _end - _start), _ended, _state);

        private void Consume(in Utf8JsonReader reader)
        {
            _start += (int)reader.BytesConsumed;
            _state = reader.CurrentState;
        }

        private void Fill()
        {
            if (_ended)
                throw new JsonException("the file ends early.");
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_offset, _end, _start) = (_offset + _start, _end - _start, 0);
            }
            else if (_end == _buffer.Length)
            {
                if (_buffer.Length >= LongestRecord)
                    throw new JsonException($"a record or text is longer than {LongestRecord} bytes.");
                Array.Resize(ref _buffer, 2 * _buffer.Length);
            }
            int read = stream.Read(_buffer, _end, _buffer.Length - _end);
            _ended = read == 0;
            _end += read;
            if (!_begun && _end >= 3)
            {
                _begun = true;
                if (_buffer.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
                    _start = 3; // a byte-order mark
                else if (_buffer is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
                    throw new JsonException("the file is in UTF-16; save it in UTF-8.");
            }
        }
    }
}
