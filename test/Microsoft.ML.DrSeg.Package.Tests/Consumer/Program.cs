// A program of somebody who has the package and the README: trains and answers, or answers with what an earlier run has saved.
using Microsoft.ML;
using Microsoft.ML.DrSeg;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;

string imageFolder = args[1], file = Path.Combine(imageFolder, "model.drseg");
string[] queries = ["ball", "apple", "dog", "car"];
var mlContext = new MLContext(seed: 1);

if (args[0] == "train")
{
    foreach ((int index, string query) in queries.Index())
        WritePicture(index, query);
    IDataView trainingData = mlContext.Data.LoadFromEnumerable(queries.Select(query => new Lesson
    {
        ImagePath = $"{query}.png",
        Query = query,
        Mask = SegmentationMask.LoadPng(Path.Combine(imageFolder, $"{query}-mask.png")),
    }).ToArray());
    IDataView testData = Questions();

    var pipeline = mlContext.Transforms.LoadImages("Image", imageFolder, "ImagePath")
        .Append(mlContext.DrSeg().Trainers.GrpoSegmentation(imageColumnName: "Image", queryColumnName: "Query", labelColumnName: "Mask", steps: 1))
        .Append(mlContext.DrSeg().LookToConfirm());
    var model = pipeline.Fit(trainingData);
    var masks = model.Transform(testData);

    foreach (Answer answer in mlContext.Data.CreateEnumerable<Answer>(masks, reuseRowObject: false))
        Console.WriteLine(answer);
    model.SaveDrSeg(file);
}
else
{
    IDataView questions = Questions();
    var model = mlContext.Transforms.LoadImages("Image", imageFolder, "ImagePath").Fit(questions).Append(mlContext.DrSeg().LoadModel(file));
    using var engine = mlContext.Model.CreatePredictionEngine<Question, Answer>(model);
    foreach (string query in queries)
        Console.WriteLine(engine.Predict(QuestionOf(query)));
}

IDataView Questions() => mlContext.Data.LoadFromEnumerable(queries.Select(QuestionOf).ToArray());

static Question QuestionOf(string query) => new() { ImagePath = $"{query}.png", Query = query };

// A bright box on dark ground, and its mask.
void WritePicture(int index, string query)
{
    const int side = 96;
    var box = new BoundingBox(10 + 8 * index, 20, 60 + 8 * index, 70);
    var picture = new RgbImage(side, side);
    for (int i = 0; i < side * side; i++)
        picture.Pixels.AsSpan(3 * i, 3).Fill(i % side >= box.X0 && i % side < box.X1 && i / side >= box.Y0 && i / side < box.Y1 ? (byte)(200 + i % 40) : (byte)(30 + i % 20));
    picture.Save(Path.Combine(imageFolder, $"{query}.png"));
    SegmentationMask.FromBox(box, side, side).SavePng(Path.Combine(imageFolder, $"{query}-mask.png"));
}

internal class Question
{
    public string ImagePath { get; set; } = "";
    public string Query { get; set; } = "";
}

internal sealed class Lesson : Question
{
    [SegmentationMaskType] public SegmentationMask Mask { get; set; } = null!;
}

internal sealed class Answer
{
    public string Query { get; set; } = "";
    [SegmentationMaskType] public SegmentationMask PredictedMask { get; set; } = null!;
    public float Confidence { get; set; }

    public override string ToString() => FormattableString.Invariant($"{Query}: {PredictedMask.Area} pixels, confidence {Confidence:R}");
}
