using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.Transforms.Image;

namespace SegmentationServer;

/// <summary>Answers uploads with one model; engines are reused, each by one request at a time.</summary>
public sealed class SegmentationService : IDisposable
{
    private readonly DrSegModel _model;
    private readonly LookToConfirmTransformer _transformer;
    private readonly MLContext _context = new();
    private readonly ConcurrentBag<PredictionEngine<Question, Segmentation>> _engines = [];

    /// <param name="modelPath">A model's file; null for the base model of the library.</param>
    public SegmentationService(string? modelPath)
    {
        _model = modelPath is null ? DrSegModel.LoadBase() : DrSegModel.Load(modelPath);
        // Images come in any size, so the column's type has none.
        DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));
        _transformer = _context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = _model, Threshold = _model.Threshold })
            .Fit(_context.Data.LoadFromEnumerable<Question>([]));
    }

    /// <summary>What the model can be asked for.</summary>
    public IReadOnlyList<string> Nouns => _model.Vocabulary.Nouns;

    /// <summary>Answers one question.</summary>
    /// <exception cref="RefusedException">The query has a word that the model does not know.</exception>
    public Segmentation Answer(Upload upload)
    {
        try
        {
            _model.Vocabulary.Encode(upload.Query);
        }
        catch (ArgumentException error)
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, error.Message, error);
        }
        PredictionEngine<Question, Segmentation> engine = _engines.TryTake(out var idle) ? idle
            : _context.Model.CreatePredictionEngine<Question, Segmentation>(_transformer, new PredictionEngineOptions { OwnsTransformer = false });
        try
        {
            return engine.Predict(new Question { Image = upload.Image, Query = upload.Query });
        }
        finally
        {
            _engines.Add(engine);
        }
    }

    public void Dispose()
    {
        foreach (PredictionEngine<Question, Segmentation> engine in _engines)
            engine.Dispose();
        _model.Dispose();
    }
}

/// <summary>What goes into the pipeline.</summary>
public sealed class Question
{
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
