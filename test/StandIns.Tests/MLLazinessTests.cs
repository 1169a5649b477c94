using Microsoft.ML;
using Microsoft.ML.Data;
using NUnit.Framework;
using static StandIns.Tests.MLRows;

namespace StandIns.Tests;

public sealed class MLLazinessTests
{
    [Test]
    public void Nothing_is_read_or_computed_until_a_cursor_moves()
    {
        int rows = 0, calls = 0;
        IDataView data = Context.Data.LoadFromEnumerable(Numbers(10, () => rows++));
        IDataView transformed = Doubling(() => calls++).Fit(data).Transform(data);
        _ = transformed.Schema.Count + (transformed.GetRowCount() ?? 0);
        using DataViewRowCursor cursor = transformed.GetRowCursor(transformed.Schema);
        ValueGetter<float> getter = cursor.GetGetter<float>(transformed.Schema["Y"]);
        Assert.That((rows, calls), Is.EqualTo((0, 0)));

        cursor.MoveNext();
        Assert.That((rows, calls), Is.EqualTo((1, 0)), "moved, no value asked for");

        float y = 0;
        getter(ref y);
        getter(ref y);
        Assert.That((rows, calls), Is.EqualTo((1, 1)), "one row is mapped once");
    }

    [Test]
    public void Columns_that_are_not_asked_for_are_not_computed()
    {
        int calls = 0;
        IDataView data = Context.Data.LoadFromEnumerable(Numbers(10));
        IDataView transformed = Doubling(() => calls++).Fit(data).Transform(data);

        Assert.That(transformed.GetColumn<float>("X").Sum(), Is.EqualTo(45));
        Assert.That(calls, Is.Zero);
        Assert.That(transformed.GetColumn<float>("Y").Sum(), Is.EqualTo(90));
        Assert.That(calls, Is.EqualTo(10));
    }

    [Test]
    public void A_file_is_not_opened_for_an_image_nobody_looks_at()
    {
        IDataView data = Context.Data.LoadFromEnumerable(Numbers(3));
        IDataView images = Context.Transforms.LoadImages("Image", "/no/such/folder", "Name").Append(Context.Transforms.ResizeImages("Image", 4, 4)).Fit(data).Transform(data);
        Assert.That(images.GetColumn<float>("X").Count(), Is.EqualTo(3));
        Assert.That(() => images.GetColumn<MLImage>("Image").First(), Throws.InstanceOf<FileNotFoundException>());
    }

    [Test]
    public void Leaving_early_closes_the_source()
    {
        bool closed = false;
        IEnumerable<NumberRow> Source()
        {
            try
            {
                foreach (NumberRow row in Numbers(10))
                    yield return row;
            }
            finally
            {
                closed = true;
            }
        }

        IDataView data = Context.Data.LoadFromEnumerable(Source());
        IDataView transformed = Context.Data.ShuffleRows(Doubling().Fit(data).Transform(data), shufflePoolSize: 2);
        _ = transformed.GetColumn<float>("Y").First();
        Assert.That(closed, Is.True);
    }

    [Test]
    public void A_cache_reads_its_source_once_and_not_before_it_is_used()
    {
        int rows = 0;
        IDataView cached = Context.Data.Cache(Context.Data.LoadFromEnumerable(Numbers(10, () => rows++)));
        using (cached.GetRowCursor(cached.Schema))
            Assert.That(rows, Is.Zero);
        Assert.That(cached.GetColumn<string>("Name").Count(), Is.EqualTo(10));
        Assert.That(cached.GetColumn<string>("Name").Last(), Is.EqualTo("name 2"));
        Assert.That(rows, Is.EqualTo(10));
    }

    [Test]
    public void A_pass_that_fails_halfway_leaves_the_cache_usable()
    {
        bool fail = true;
        int rows = 0;
        IDataView cached = Context.Data.Cache(Context.Data.LoadFromEnumerable(Numbers(4, () =>
        {
            if (++rows == 3 && fail)
                throw new IOException("broken");
        })));
        Assert.That(() => cached.GetColumn<float>("X").ToList(), Throws.InstanceOf<IOException>());
        fail = false;
        Assert.That(cached.GetColumn<float>("X"), Is.EqualTo(new float[] { 0, 1, 2, 3 }));
    }

    [Test]
    public void A_mapping_that_throws_is_not_swallowed()
    {
        IDataView data = Context.Data.LoadFromEnumerable(Numbers(3));
        IDataView transformed = Doubling(() => throw new FormatException("no")).Fit(data).Transform(data);
        Assert.That(() => transformed.GetColumn<float>("Y").ToList(), Throws.InstanceOf<FormatException>());
    }
}
