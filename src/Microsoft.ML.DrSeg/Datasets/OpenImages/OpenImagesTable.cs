using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>An annotation CSV of OpenImages, with the place of every row by image and label: 24 bytes a row.</summary>
internal sealed class OpenImagesTable
{
    private readonly string _path;
    private readonly string[] _header;
    private readonly int _image;
    private readonly List<Entry> _rows = [];

    private readonly record struct Entry(ulong Image, int Label, int Row, long Offset) : IComparable<Entry>
    {
        public int CompareKey(Entry other) => Image.CompareTo(other.Image) is var order and not 0 ? order : Label.CompareTo(other.Label);

        public int CompareTo(Entry other) => CompareKey(other) is var order and not 0 ? order : Offset.CompareTo(other.Offset);
    }

    /// <param name="columns">Columns it must have beside ImageID and LabelName.</param>
    /// <param name="labels">Places of labels by their machine names.</param>
    /// <param name="skip">Told about rows that cannot be placed; throws, or they are left out.</param>
    public OpenImagesTable(string path, string[] columns, Dictionary<string, int> labels, Action<SourcePlace, InvalidDataException> skip)
    {
        _path = path;
        using var rows = CsvRows.Open(path);
        if (!rows.MoveNext())
            throw new SourcePlace(path).Problem("it is empty.");
        _header = [.. Enumerable.Range(0, rows.Count).Select(rows.Text)];
        foreach (string wanted in (string[])["ImageID", "LabelName", .. columns])
            Column(wanted);
        _image = Column("ImageID");
        int label = Column("LabelName");
        var places = labels.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> name = stackalloc char[64];
        while (rows.MoveNext())
        {
            try
            {
                if (rows.Count != _header.Length)
                    throw new InvalidDataException($"it has {rows.Count} fields, the header {_header.Length}.");
                if (rows[label].Length > name.Length || !places.TryGetValue(name[..Encoding.UTF8.GetChars(rows[label], name)], out int place))
                    throw new InvalidDataException($"the label '{rows.Text(label)}' is not among the class descriptions.");
                if (!TryParseImage(rows[_image], out ulong image))
                    throw new InvalidDataException($"the ImageID '{rows.Text(_image)}' is not 16 hexadecimal digits.");
                _rows.Add(new(image, place, rows.Row, rows.Offset));
            }
            catch (InvalidDataException error)
            {
                skip(rows.Place, rows.Place.Problem(error));
            }
        }
        CollectionsMarshal.AsSpan(_rows).Sort();
    }

    /// <summary>Every image and label that has a row in one of the tables, in order, and where the first of its rows stands.</summary>
    public static IEnumerable<(ulong Image, int Label, SourcePlace Place)> Keys(params IEnumerable<OpenImagesTable?> tables)
    {
        (OpenImagesTable Table, int Next)[] open = [.. tables.OfType<OpenImagesTable>().Select(table => (table, 0))];
        while (true)
        {
            Entry? least = null;
            OpenImagesTable? first = null;
            foreach ((OpenImagesTable table, int next) in open)
                if (next < table._rows.Count && (least is null || table._rows[next].CompareKey(least.Value) < 0))
                    (least, first) = (table._rows[next], table);
            if (least is not { } key)
                yield break;
            yield return (key.Image, key.Label, new(first!._path, key.Row));
            foreach (ref (OpenImagesTable Table, int Next) one in open.AsSpan())
                while (one.Next < one.Table._rows.Count && one.Table._rows[one.Next].CompareKey(key) == 0)
                    one.Next++;
        }
    }

    public CsvRows Open() => CsvRows.Open(_path);

    public int Column(string name) => Array.IndexOf(_header, name) is var place and >= 0
        ? place
        : throw new SourcePlace(_path, 1).Problem($"there is no column '{name}' in {string.Join(',', _header)}.");

    /// <summary>The rows of an image and label; the reader stands on each in turn.</summary>
    public IEnumerable<CsvRows> Read(CsvRows reader, ulong image, int label)
    {
        int at = CollectionsMarshal.AsSpan(_rows).BinarySearch(new Entry(image, label, 0, 0));
        for (at = at < 0 ? ~at : at; at < _rows.Count && _rows[at].Image == image && _rows[at].Label == label; at++)
        {
            reader.MoveTo(_rows[at].Offset, _rows[at].Row);
            if (reader.MoveNext() && reader.Count == _header.Length && TryParseImage(reader[_image], out ulong found) && found == image)
                yield return reader;
            else
                throw new SourcePlace(_path, _rows[at].Row).Problem("another row stands here than was indexed. The file has changed since, or is not in UTF-8.");
        }
    }

    /// <summary>Image ids are sixteen hexadecimal digits: a number takes a fifth of their memory.</summary>
    private static bool TryParseImage(ReadOnlySpan<byte> id, out ulong image) => Utf8Parser.TryParse(id, out image, out int used, 'x') && used == 16 && id.Length == 16;
}
