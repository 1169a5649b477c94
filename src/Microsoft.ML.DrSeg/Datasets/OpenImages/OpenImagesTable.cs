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
    /// <param name="owner">Told about rows that cannot be placed; throws, or they are left out.</param>
    /// <param name="passesOver">Whether labels that nothing describes are none of the data set's: it may have the descriptions of boxable classes and the labels of all.</param>
    public OpenImagesTable(string path, string[] columns, Dictionary<string, int> labels, SegmentationDataSet owner, bool passesOver)
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
        long passedOver = 0;
        while (rows.MoveNext())
        {
            try
            {
                // A row that is damaged behind these two is kept, so that whatever it belongs to is not read without it.
                if (rows.Count <= Math.Max(label, _image))
                    throw WrongCount(rows);
                if (rows[label].Length > name.Length || !places.TryGetValue(name[..Encoding.UTF8.GetChars(rows[label], name)], out int place))
                {
                    passedOver++;
                    if (passesOver)
                        continue;
                    throw new InvalidDataException($"the label '{rows.Text(label)}' is not among the class descriptions.");
                }
                if (!TryParseImage(rows[_image], out ulong image))
                    throw new InvalidDataException($"the ImageID '{rows.Text(_image)}' is not 16 hexadecimal digits.");
                _rows.Add(new(image, place, rows.Row, rows.Offset));
            }
            catch (InvalidDataException error)
            {
                owner.Skip(rows.Place, rows.Place.Problem(error));
            }
        }
        if (passesOver && passedOver > 0)
            owner.Note(new(path), $"{passedOver} rows of labels without a description are passed over.");
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
            if (reader.MoveNext() && reader.Count > _image && TryParseImage(reader[_image], out ulong found) && found == image)
                yield return reader.Count == _header.Length ? reader : throw new InvalidDataException($"{reader.Place}: {WrongCount(reader).Message}");
            else
                throw new SourcePlace(_path, _rows[at].Row).Problem("another row stands here than was indexed. The file has changed since, or is not in UTF-8.");
        }
    }

    private InvalidDataException WrongCount(CsvRows row) => new($"it has {row.Count} fields, the header {_header.Length}.");

    /// <summary>Image ids are sixteen hexadecimal digits: a number takes a fifth of their memory.</summary>
    private static bool TryParseImage(ReadOnlySpan<byte> id, out ulong image) => Utf8Parser.TryParse(id, out image, out int used, 'x') && used == 16 && id.Length == 16;
}
