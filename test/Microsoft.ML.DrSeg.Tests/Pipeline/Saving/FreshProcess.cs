using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests.OwnModel;
using Microsoft.ML.Transforms.Image;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

/// <summary>
/// What a saved model predicts in a process that has seen nothing else: these tests' own entry point, which loads the model by
/// one of the two ways and writes down what it answers for a folder of images.
/// </summary>
internal static class FreshProcess
{
    /// <summary>Given as a side: registers images of any size for members without an attribute.</summary>
    public const string BareImages = "any";

    /// <summary>Given as a side: makes the tests' own kind of model known.</summary>
    public const string OwnModels = "own";

    public const int Failed = 2;

    public static int Main(string[] arguments)
    {
        if (arguments is not [string model, string folder, .. string[] sides])
        {
            Console.Error.WriteLine("Usage: MODEL FOLDER [SIDE], the model a .drseg file or one of ML.NET, and the side of the images that it resizes to, 'any' or 'own'. The tests start this; run them with 'dotnet test'.");
            return 1;
        }
        foreach (string side in sides)
            if (side == OwnModels)
                ModelFormat.Register(TextModelFormat.Instance);
            else if (side == BareImages)
                DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));
            else
                new ImageTypeAttribute(int.Parse(side, CultureInfo.InvariantCulture), int.Parse(side, CultureInfo.InvariantCulture)).Register();
        try
        {
            foreach (string answer in Answers(new MLContext(7), model, folder))
                Console.WriteLine(answer);
            return 0;
        }
        catch (Exception error)
        {
            Console.Error.WriteLine(error);
            return Failed;
        }
    }

    /// <summary>The answers in a new process, one line a row.</summary>
    public static string[] Run(string model, string folder, params string[] sides)
    {
        (int code, string output, string errors) = DotnetProcess.Run(typeof(FreshProcess).Assembly.Location, [model, folder, .. sides]);
        Assert.That(code, Is.Zero, errors);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The answers in this process.</summary>
    public static string[] Answers(MLContext context, string model, string folder)
    {
        bool own = model.EndsWith(".drseg", StringComparison.Ordinal);
        ITransformer loaded = own ? context.DrSeg().LoadModel(model) : context.Model.Load(model, out _);
        using (loaded as IDisposable)
            return Answers(context, own ? context.Transforms.LoadImages("Image", folder, "ImagePath").Fit(Rows(context, folder)).Append(loaded) : loaded, folder);
    }

    /// <summary>What a model that begins with file names answers.</summary>
    public static string[] Answers(MLContext context, ITransformer model, string folder) =>
        [.. Prediction.Of(context, model.Transform(Rows(context, folder))).Select(prediction => prediction.ToString())];

    /// <summary>The images of a folder, named "index-query.png".</summary>
    public static IDataView Rows(MLContext context, string folder) => context.Data.LoadFromEnumerable(
        Directory.GetFiles(folder, "*.png").Order(StringComparer.Ordinal).Select(file => new FileRow
        {
            ImagePath = Path.GetFileName(file),
            Query = Path.GetFileNameWithoutExtension(file).Split('-')[1],
        }).ToArray());

    internal sealed class FileRow
    {
        public string ImagePath { get; set; } = "";
        public string Query { get; set; } = "";
    }
}
