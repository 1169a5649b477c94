using Microsoft.ML;
using Microsoft.ML.Data;
using NUnit.Framework;
using static StandIns.Tests.MLRows;

namespace StandIns.Tests;

public sealed class MLDataViewTests
{
    [Test]
    public void A_missing_column_is_named_with_those_there_are()
    {
        IDataView data = Context.Data.LoadFromEnumerable(Numbers(1));
        Assert.That(
            () => Context.Transforms.CopyColumns("Z", "Nope").Append(Context.Transforms.CopyColumns("Y", "X")).Fit(data),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("input column 'Nope'").And.Message.Contains("X, Name"));
        Assert.That(() => Context.Transforms.LoadImages("Image", "", "X").Fit(data), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("expected String, got Single"));
    }

    [Test]
    public void Shuffling_keeps_every_row_whole()
    {
        IEnumerable<VectorRow> rows = Enumerable.Range(0, 50).Select(i => new VectorRow { X = i, V = [i, -i] });
        IDataView shuffled = Context.Data.ShuffleRows(Context.Data.LoadFromEnumerable(rows), seed: 3, shufflePoolSize: 8);

        VectorRow[] read = [.. Context.Data.CreateEnumerable<VectorRow>(shuffled, reuseRowObject: false)];

        Assert.That(read.Select(row => row.X), Is.EquivalentTo(Enumerable.Range(0, 50)));
        Assert.That(read, Has.All.Matches<VectorRow>(row => row.V[0] == row.X && row.V[1] == -row.X));
        Assert.That(read.Select(row => row.X), Is.Not.Ordered);
        // A row leaves the pool no earlier than it enters it.
        Assert.That(read.Select((row, place) => place + 8 > row.X), Has.All.True);
    }

    [Test]
    public void A_cache_shuffles_and_hands_out_copies()
    {
        IDataView cached = Context.Data.Cache(Context.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(i => new VectorRow { X = i, V = [i, i] })));
        DataViewSchema.Column column = cached.Schema["V"];
        var first = new List<float>();
        using (DataViewRowCursor cursor = cached.GetRowCursor([column], new Random(5)))
        {
            ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
            VBuffer<float> value = default;
            while (cursor.MoveNext())
            {
                getter(ref value);
                first.Add(value.GetItemOrDefault(0));
                VBufferEditor<float> editor = VBufferEditor.CreateFromBuffer(ref value);
                editor.Values.Clear();
            }
        }

        Assert.That(first, Is.EquivalentTo(Enumerable.Range(0, 40)).And.Not.Ordered);
        Assert.That(cached.GetColumn<float[]>("V").Select(v => v[1]), Is.EqualTo(Enumerable.Range(0, 40)));
    }

    [Test]
    public void Rows_with_one_key_stay_on_one_side_of_a_split()
    {
        IDataView data = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(i => new NumberRow { X = i, Name = $"group {i % 60}" }));
        DataOperationsCatalog.TrainTestData split = Context.Data.TrainTestSplit(data, 0.3, "Name", seed: 2);
        string[] train = [.. split.TrainSet.GetColumn<string>("Name")], test = [.. split.TestSet.GetColumn<string>("Name")];
        Assert.That(train.Length + test.Length, Is.EqualTo(300));
        Assert.That(train.Intersect(test), Is.Empty);
        Assert.That(test.Distinct().Count(), Is.InRange(8, 28));
    }

    private sealed class KeyedRow
    {
        private static readonly string[] Texts =
            ["img_0001.jpg", "img_0002.jpg", "a/b/c.png", "0", "1", "12", "123", "1234", "12345", "  padded ", "\ttab", "trail\t", "x y", "", "abcdefgh", "ABCDEFGH"];

        public int Int32 { get; set; }
        public string Text => Texts[Int32];
        public bool Boolean => Int32 % 3 == 0;
        public short Int16 => (short)(Int32 * 1000 - 8000);
        public byte Byte => (byte)(Int32 * 17);
        public long Int64 => Int32 * 123456789012345L - 5;
        public ulong UInt64 => (ulong)Int32 << 60;
        public DateTime Time => new(2026, 1, 1 + Int32, Int32, 0, 0);
        public DateTimeOffset TimeAt => new(2026, 1, 1 + Int32, Int32, 0, 0, TimeSpan.FromHours(Int32 - 8));
        public TimeSpan Span => TimeSpan.FromMinutes(Int32 * 7 - 20);
        [KeyType(14)]
        public uint Key => (uint)Int32;
        public float Single => Int32 / 15f - 0.1f;
    }

    /// <summary>What ML.NET 5.0.1 gives: train | test, of 16 rows. A missing key, such as an empty text, is on neither side.</summary>
    [TestCase("Text", 3, "0,1,4,5,6,7,8,10,15 | 2,3,9,11,12,14")]
    [TestCase("Int32", 3, "0,1,2,5,6,8,9,10,11,12,13,14,15 | 3,4,7")]
    [TestCase("Int16", 3, "2,4,6,7,8,9,10,11,12,13,15 | 0,1,3,5,14")]
    [TestCase("Byte", 3, "0,1,3,4,7,8,10,11,13,14,15 | 2,5,6,9,12")]
    [TestCase("Int64", 3, "0,2,3,4,5,8,9,10,11,12,15 | 1,6,7,13,14")]
    [TestCase("UInt64", 3, "0,2,3,4,5,6,7,9,11,12 | 1,8,10,13,14,15")]
    [TestCase("Boolean", 3, "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 | ")]
    [TestCase("Time", 3, "0,4,5,10,11,13,14,15 | 1,2,3,6,7,8,9,12")]
    [TestCase("TimeAt", 3, "0,2,3,4,5,6,12,13,14 | 1,7,8,9,10,11,15")]
    [TestCase("Span", 3, "0,1,2,3,4,5,6,8,10,11,12,13,15 | 7,9,14")]
    [TestCase("Key", 3, "5,6,7,8,9,10,11,12,13 | 0,1,2,3,4")]
    [TestCase("Single", 3, "6,7,8,9,10,11,12,13,14,15 | 0,1,2,3,4,5")]
    [TestCase("Text", null, "0,1,3,4,6,10,12,14 | 2,5,7,8,9,11,15")]
    [TestCase("Int32", null, "0,1,2,3,4,5,9,10,14,15 | 6,7,8,11,12,13")]
    public void Rows_are_split_by_key_as_by_the_official_package(string key, int? seed, string expected)
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(Enumerable.Range(0, 16).Select(i => new KeyedRow { Int32 = i }));
        DataOperationsCatalog.TrainTestData split = context.Data.TrainTestSplit(data, 0.37, key, seed);
        string Rows(IDataView side) => string.Join(",", side.GetColumn<int>("Int32"));
        Assert.That($"{Rows(split.TrainSet)} | {Rows(split.TestSet)}", Is.EqualTo(expected));
    }

    [Test]
    public void A_split_is_about_the_fraction_asked_for()
    {
        IDataView data = Context.Data.LoadFromEnumerable(Numbers(10000));
        int test = Context.Data.TrainTestSplit(data, 0.25, seed: 9).TestSet.GetColumn<float>("X").Count();
        // Five standard deviations of a binomial count: 5 * sqrt(10000 * 0.25 * 0.75) = 217.
        Assert.That(test, Is.InRange(2500 - 217, 2500 + 217));
    }

    [Test]
    public void Arrays_read_from_a_column_are_new_ones_and_buffers_are_used_again()
    {
        IDataView data = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 3).Select(i => new VectorRow { V = [i, i] }));
        Assert.That(data.GetColumn<float[]>("V").ToList().Select(v => v[0]), Is.EqualTo(new float[] { 0, 1, 2 }));
        Assert.That(data.GetColumn<VBuffer<float>>("V").Select(v => v.GetItemOrDefault(0)), Is.EqualTo(new float[] { 0, 1, 2 }));
        Assert.That(data.GetColumn<VBuffer<float>>("V").ToList().Select(v => v.GetItemOrDefault(0)), Is.EqualTo(new float[] { 2, 2, 2 }));
        Assert.That(() => data.GetColumn<int>("X"), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("'X' of type Single"));
    }

    [Test]
    public void Two_members_of_one_column_name_are_refused()
    {
        Assert.That(() => Context.Data.LoadFromEnumerable(new[] { new Twice() }), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("'X'"));
    }

    [Test]
    public void Sparse_vectors_are_cut_and_filled_like_dense_ones()
    {
        var random = new Random(4);
        for (int trial = 0; trial < 200; trial++)
        {
            int length = random.Next(1, 12);
            int[] indices = [.. Enumerable.Range(0, length).Where(_ => random.Next(2) == 0)];
            float[] values = [.. indices.Select(i => i + 0.5f)];
            var sparse = new VBuffer<float>(length, indices.Length, values, indices);
            float[] dense = [.. Enumerable.Range(0, length).Select(i => indices.Contains(i) ? i + 0.5f : 0)];
            int start = random.Next(length), count = random.Next(length - start + 1);

            VBuffer<float> part = default;
            sparse.CopyTo(ref part, start, count);

            Assert.That(sparse.DenseValues(), Is.EqualTo(dense));
            Assert.That(part.DenseValues(), Is.EqualTo(dense.Skip(start).Take(count)));
            Assert.That(Enumerable.Range(0, length).Select(sparse.GetItemOrDefault), Is.EqualTo(dense));
        }
    }

    private sealed class Twice
    {
        public float X { get; set; }

        [ColumnName("X")]
        public float Other { get; set; }
    }
}
