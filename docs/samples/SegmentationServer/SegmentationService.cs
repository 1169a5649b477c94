using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;

namespace SegmentationServer;

/// <summary>Answers uploads with one model, from any number of threads.</summary>
public sealed class SegmentationService : IDisposable
{
    private readonly DrSegModel _model;
    private readonly PredictionPool<Question, Segmentation> _pool;

    /// <param name="modelPath">A model's file; null for the base model of the library.</param>
    public SegmentationService(string? modelPath)
    {
        var context = new MLContext();
        _model = modelPath is null ? DrSegModel.LoadBase() : DrSegModel.Load(modelPath);
        LookToConfirmTransformer transformer = context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = _model, Threshold = _model.Threshold })
            .Fit(context.Data.LoadFromEnumerable<Question>([]));
        _pool = context.DrSeg().CreatePredictionPool<Question, Segmentation>(transformer);
    }

    /// <summary>What the model can be asked for.</summary>
    public IReadOnlyList<string> Nouns => _model.Vocabulary.Nouns;

    /// <summary>Answers one question.</summary>
    /// <exception cref="RefusedException">The query has a word that the model does not know.</exception>
    public Segmentation Answer(Upload upload)
    {
        if (_model.Policy.CheckQuery(upload.Query) is { } problem)
            throw new RefusedException(StatusCodes.Status400BadRequest, problem);
        return _pool.Predict(new Question { Image = upload.Image, Query = upload.Query });
    }

    public void Dispose()
    {
        _pool.Dispose();
        _model.Dispose();
    }
}

/// <summary>What goes into the pipeline.</summary>
public sealed class Question
{
    [AnyImageSize]
    public MLImage? Image { get; set; }

    public string Query { get; set; } = "";
}

/// <summary>What comes out of it.</summary>
public sealed class Segmentation
{
    [SegmentationMaskType]
    public SegmentationMask PredictedMask { get; set; } = null!;
    public float[] PredictedBox { get; set; } = [];
    public float Confidence { get; set; }
    public bool SecondLook { get; set; }
    public int Hypotheses { get; set; }
}
