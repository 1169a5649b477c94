using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using NUnit.Framework;

namespace StandIns.Tests;

public class MLModelFileTests
{
    private readonly MLContext _context = new(1);

    public sealed class Row
    {
        public float F { get; set; } = 1.5f;

        public string S { get; set; } = "a";

        [VectorType(2)]
        public float[] V { get; set; } = [1, 2];

        [KeyType(5)]
        public uint K { get; set; } = 3;
    }

    public sealed class Doubled
    {
        public float G { get; set; }
    }

    [CustomMappingFactoryAttribute("StandIns.Tests/1")]
    public sealed class DoubleFactory : CustomMappingFactory<Row, Doubled>
    {
        public override Action<Row, Doubled> GetMapping() => (row, result) => result.G = 2 * row.F;
    }

    private IDataView Rows => _context.Data.LoadFromEnumerable(new[] { new Row() });

    private byte[] Save(ITransformer model)
    {
        using var stream = new MemoryStream();
        _context.Model.Save(model, Rows.Schema, stream);
        return stream.ToArray();
    }

    private static ITransformer Load(byte[] file) => new MLContext().Model.Load(new MemoryStream(file), out _);

    [Test]
    public void A_chain_comes_back_with_its_schema()
    {
        TransformsCatalog transforms = _context.Transforms;
        var pipeline = transforms.CopyColumns("A", "F")
            .Append(transforms.Concatenate("C", "F", "V"))
            .Append(transforms.Expression("T", "(x) => \"word\"", "S"))
            .Append(transforms.Conversion.MapValue<string, byte>("B", [new("word", [1, 2, 3])], "T"))
            .Append(transforms.CustomMapping(new DoubleFactory().GetMapping(), "StandIns.Tests/1"))
            .Append(transforms.ResizeImages("Small", 3, 2, "Image"))
            .Append(transforms.DropColumns("T"));
        // Images from no file: the column is there, its value is none.
        var model = transforms.LoadImages("Image", "folder", "S").Append(pipeline).Fit(Rows);
        using var stream = new MemoryStream();
        _context.Model.Save(model, Rows.Schema, stream);
        stream.Position = 0;
        ITransformer loaded = new MLContext().Model.Load(stream, out DataViewSchema schema);
        Assert.Multiple(() =>
        {
            Assert.That(schema.Select(column => $"{column.Name} {column.Type}"), Is.EqualTo(Rows.Schema.Select(column => $"{column.Name} {column.Type}")));
            Assert.That(loaded.GetOutputSchema(schema).Select(column => $"{column.Name} {column.Type}"), Is.EqualTo(model.GetOutputSchema(Rows.Schema).Select(column => $"{column.Name} {column.Type}")));
            Assert.That(loaded.Transform(Rows).GetColumn<byte[]>("B").Single(), Is.EqualTo(new byte[] { 1, 2, 3 }));
            Assert.That(loaded.Transform(Rows).GetColumn<float>("G").Single(), Is.EqualTo(3f));
            Assert.That(loaded.Transform(Rows).GetColumn<float[]>("C").Single(), Is.EqualTo(new[] { 1.5f, 1, 2 }));
        });
    }

    [Test]
    public void What_is_not_in_the_table_is_an_empty_vector()
    {
        var map = _context.Transforms.Conversion.MapValue<string, byte>("B", [new("other", [1, 2, 3])], "S").Fit(Rows);
        Assert.That(map.Transform(Rows).GetColumn<byte[]>("B").Single(), Is.Empty);
    }

    [Test]
    public void More_than_the_stand_in_has_is_an_error_that_says_so()
    {
        Assert.That(() => _context.Transforms.Expression("K", "(f) => f * 2", "F"), Throws.TypeOf<NotSupportedException>().With.Message.Contains("official packages"));
        Assert.That(() => _context.Transforms.Conversion.MapValue<string, float>("K", [new("a", [1])], "S"), Throws.TypeOf<NotSupportedException>().With.Message.Contains("official packages"));
        Assert.That(() => Save(_context.Transforms.CustomMapping<Row, Doubled>((_, _) => { }, null).Fit(Rows)), Throws.InvalidOperationException.With.Message.Contains("contract"));
    }

    [Test]
    public void An_official_file_is_an_error_that_says_so() =>
        Assert.That(() => Load([.. "PK\u0003\u0004"u8, .. new byte[100]]), Throws.TypeOf<FormatException>().With.Message.Contains("official Microsoft.ML packages"));

    [Test]
    public void Every_shorter_file_and_every_changed_byte_is_noticed()
    {
        byte[] file = Save(_context.Transforms.CopyColumns("A", "F").Fit(Rows));
        for (int i = 0; i < file.Length; i++)
        {
            Assert.That(() => Load(file[..i]), Throws.TypeOf<FormatException>(), $"{i} bytes");
            byte[] changed = [.. file];
            changed[i] ^= 1;
            Assert.That(() => Load(changed), Throws.TypeOf<FormatException>(), $"byte {i}");
        }

        Assert.That(() => Load([.. file, 0]), Throws.TypeOf<FormatException>().With.Message.Contains("added"));
        Assert.That(() => Load(Encoding.UTF8.GetBytes("no model at all, but a text that is long enough for a header of one")), Throws.TypeOf<FormatException>());
    }

    [Test]
    public void A_contract_that_nobody_has_is_named()
    {
        byte[] file = Save(_context.Transforms.CustomMapping(new DoubleFactory().GetMapping(), "StandIns.Tests/2").Fit(Rows));
        Assert.That(() => Load(file), Throws.InvalidOperationException.With.Message.Contains("'StandIns.Tests/2'").And.Message.Contains("RegisterAssembly"));
    }
}
