using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using NUnit.Framework;
using static Microsoft.ML.Transforms.Image.ImageResizingEstimator;
using static StandIns.Tests.MLRows;

namespace StandIns.Tests;

public sealed class MLImageColumnTests
{
    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("mlimage").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Images_are_loaded_resized_and_predicted_from_names()
    {
        Save("a.png", 4, 2, 7);
        IDataView data = Context.Data.LoadFromEnumerable(new[] { new NumberRow { Name = "a.png" } });
        var model = Context.Transforms.LoadImages("Image", _folder, "Name").Append(Context.Transforms.ResizeImages("Image", 2, 2)).Fit(data);

        using (PredictionEngine<NumberRow, HalfRow> engine = Context.Model.CreatePredictionEngine<NumberRow, HalfRow>(model))
        {
            MLImage image = engine.Predict(new NumberRow { Name = "a.png" }).Image!;
            Assert.That((image.Width, image.Height, image.Tag), Is.EqualTo((2, 2, Path.Combine(_folder, "a.png"))));
            Assert.That(image.GetBGRPixels, Is.All.EqualTo(7));
            Assert.That(engine.Predict(new NumberRow { Name = "" }).Image, Is.Null, "no name, no image");
        }

        Assert.That(model.GetOutputSchema(data.Schema)["Image"].Type.ToString(), Is.EqualTo("Image<2, 2>"));
    }

    [Test]
    public void A_missing_and_a_broken_file_are_named_with_their_row()
    {
        Save("good.png", 2, 2, 1);
        File.WriteAllBytes(Path.Combine(_folder, "broken.png"), File.ReadAllBytes(Path.Combine(_folder, "good.png"))[..40]);

        Assert.That(() => Load("good.png", "missing.png"), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("missing.png").And.Message.Contains("Row 1, column 'Name'"));
        Assert.That(() => Load("good.png", "good.png", "broken.png"), Throws.InvalidOperationException.With.Message.Contains("broken.png").And.Message.Contains("Row 2, column 'Name'"));

        List<MLImage> Load(params string[] names)
        {
            IDataView data = Context.Data.LoadFromEnumerable(names.Select(name => new NumberRow { Name = name }));
            return [.. Context.Transforms.LoadImages("Image", _folder, "Name").Fit(data).Transform(data).GetColumn<MLImage>("Image")];
        }
    }

    [Test]
    public void Shuffles_and_caches_leave_images_out()
    {
        IDataView data = Context.Data.LoadFromEnumerable(Numbers(3));
        IDataView images = Context.Transforms.LoadImages("Image", _folder, "Name").Fit(data).Transform(data);
        Assert.That(Names(Context.Data.ShuffleRows(images)), Is.EqualTo(new[] { "X", "Name" }));
        Assert.That(Names(Context.Data.Cache(images, "Name")), Is.EqualTo(new[] { "X", "Name" }));
        Assert.That(() => Context.Data.Cache(images, "Image"), Throws.InvalidOperationException.With.Message.Contains("'Image'"));
        Assert.That(Names(Context.Data.TakeRows(images, 2)), Is.EqualTo(new[] { "X", "Name", "Image" }));
        Assert.That(Names(Context.Data.TrainTestSplit(images).TestSet), Is.EqualTo(new[] { "X", "Name", "Image" }));

        static string[] Names(IDataView view) => [.. view.Schema.Select(column => column.Name)];
    }

    [Test]
    public void An_image_is_good_until_the_next_row_is_read()
    {
        Save("a.png", 4, 2, 7);
        Save("b.png", 5, 2, 7);
        IDataView data = Context.Data.LoadFromEnumerable(new[] { new NumberRow { Name = "a.png" }, new NumberRow { Name = "b.png" } });
        IDataView images = Context.Transforms.LoadImages("Image", _folder, "Name").Append(Context.Transforms.ResizeImages("Image", 3, 3)).Fit(data).Transform(data);
        Assert.That(images.GetColumn<MLImage>("Image").Select(image => image.Width), Is.EqualTo(new[] { 3, 3 }));
        Assert.That(() => images.GetColumn<MLImage>("Image").ToList()[0].Width, Throws.InvalidOperationException);
        Assert.That(Context.Data.CreateEnumerable<SmallRow>(images, reuseRowObject: false).Select(row => row.Image!.Width), Is.EqualTo(new[] { 3, 3 }));
        Assert.That(() => Context.Data.CreateEnumerable<SmallRow>(images, reuseRowObject: false).ToList()[0].Image!.Width, Throws.InvalidOperationException);
    }

    [Test]
    public void A_row_class_takes_images_of_registered_sizes_only()
    {
        Save("a.png", 4, 2, 7);
        IDataView data = Context.Data.LoadFromEnumerable(new[] { new NumberRow { Name = "a.png" } });
        IDataView images = Context.Transforms.LoadImages("Image", _folder, "Name").Append(Context.Transforms.ResizeImages("Image", 17, 19)).Fit(data).Transform(data);
        Assert.That(() => Context.Data.CreateEnumerable<SmallRow>(images, reuseRowObject: false).Count(), Throws.TypeOf<NotImplementedException>().With.Message.Contains("Image<19, 17>"));
        new ImageTypeAttribute(19, 17).Register();
        Assert.That(Context.Data.CreateEnumerable<SmallRow>(images, reuseRowObject: false).Count(), Is.EqualTo(1));
    }

    private sealed class HalfRow
    {
        [ImageType(2, 2)]
        public MLImage? Image { get; set; }
    }

    private sealed class SmallRow
    {
        [ImageType(3, 3)]
        public MLImage? Image { get; set; }
    }

    [Test]
    public void Shrinking_averages_areas()
    {
        MLImage small = Resize(Grey(4, 2, 0, 10, 20, 31, 30, 20, 40, 49), 2, 1, ResizingKind.Fill);
        Assert.That(Greys(small), Is.EqualTo(new byte[] { 15, 35 }));
    }

    [Test]
    public void Shrinking_by_a_broken_ratio_weighs_the_pixels_it_cuts()
    {
        // 3 -> 2: (1 * a + 0.5 * b) / 1.5 and (0.5 * b + 1 * c) / 1.5.
        MLImage small = Resize(Grey(3, 1, 30, 60, 90), 2, 1, ResizingKind.Fill);
        Assert.That(Greys(small), Is.EqualTo(new byte[] { 40, 80 }));
    }

    [Test]
    public void Enlarging_interpolates_between_pixel_centres()
    {
        MLImage large = Resize(Grey(2, 1, 0, 100), 4, 1, ResizingKind.Fill);
        Assert.That(Greys(large), Is.EqualTo(new byte[] { 0, 25, 75, 100 }));
    }

    [Test]
    public void Padding_shows_the_whole_image_between_black_bars()
    {
        MLImage padded = Resize(Grey(4, 2, 9, 9, 9, 9, 9, 9, 9, 9), 4, 4, ResizingKind.IsoPad);
        Assert.That(Greys(padded), Is.EqualTo(new byte[] { 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0 }));
    }

    [TestCase(Anchor.Left, 10, 20)]
    [TestCase(Anchor.Center, 20, 30)]
    [TestCase(Anchor.Right, 30, 40)]
    public void A_crop_keeps_the_part_at_its_anchor(Anchor anchor, byte first, byte second)
    {
        MLImage cropped = Resize(Grey(4, 2, 10, 20, 30, 40, 10, 20, 30, 40), 2, 2, ResizingKind.IsoCrop, anchor);
        Assert.That(Greys(cropped), Is.EqualTo(new[] { first, second, first, second }));
    }

    [TestCase(Anchor.Top, 10)]
    [TestCase(Anchor.Bottom, 30)]
    public void A_tall_image_is_cropped_at_top_or_bottom(Anchor anchor, byte expected)
    {
        MLImage cropped = Resize(Grey(1, 3, 10, 20, 30), 1, 1, ResizingKind.IsoCrop, anchor);
        Assert.That(Greys(cropped), Is.EqualTo(new[] { expected }));
    }

    [Test]
    public void Transparent_parts_let_the_black_through()
    {
        MLImage source = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Rgba32, [200, 100, 0, 255, 200, 100, 0, 0]);
        MLImage resized = Resize(source, 1, 1, ResizingKind.Fill);
        Assert.That(resized.Pixels.ToArray(), Is.EqualTo(new byte[] { 0, 50, 100, 255 }));
    }

    private static MLImage Resize(MLImage source, int width, int height, ResizingKind kind, Anchor anchor = Anchor.Center)
    {
        DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));
        IDataView data = Context.Data.LoadFromEnumerable(new[] { new ImageRow { Image = source } });
        return Context.Transforms.ResizeImages("Small", width, height, "Image", kind, anchor).Fit(data).Transform(data).GetColumn<MLImage>("Small").Single();
    }

    private static MLImage Grey(int width, int height, params byte[] values) =>
        MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, [.. values.SelectMany(v => new byte[] { v, v, v, 255 })]);

    private static byte[] Greys(MLImage image) => [.. image.GetBGRPixels.Where((_, i) => i % 3 == 0)];

    private void Save(string name, int width, int height, byte grey)
    {
        using MLImage image = Grey(width, height, [.. Enumerable.Repeat(grey, width * height)]);
        image.Save(Path.Combine(_folder, name));
    }

    private sealed class ImageRow
    {
        public MLImage? Image { get; set; }
    }
}
