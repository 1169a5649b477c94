using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Pipeline;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

public class PredictionPoolTests
{
    private readonly MLContext _context = new(1);
    private TransformerChain<LookToConfirmTransformer> _model = null!;

    [OneTimeSetUp]
    public void MakeTheModel()
    {
        var answering = new GrpoSegmentationTransformer(TinyModel.Trained());
        _model = answering.Append(_context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = answering.Model, Threshold = 0.5f, FirstLookAnswers = 2 })
            .Fit(_context.Data.LoadFromEnumerable(QueryRow.Many(1))));
    }

    [OneTimeTearDown]
    public void DisposeTheModel() => _model.Dispose();

    [Test]
    public void AnEngineAnswersAsTransformDoes()
    {
        QueryRow[] rows = QueryRow.Many(6);
        using var engine = _context.Model.CreatePredictionEngine<QueryRow, Prediction>(_model, new PredictionEngineOptions { OwnsTransformer = false });
        Assert.That(rows.Select(row => engine.Predict(row).ToString()), Is.EqualTo(Prediction.Of(_context, _model.Transform(_context.Data.LoadFromEnumerable(rows))).Select(prediction => prediction.ToString())));
    }

    [Test]
    public void ThreadsGetTheAnswersThatOneGets()
    {
        const int Rows = 6, Threads = 6, Rounds = 4;
        QueryRow[] rows = QueryRow.Many(Rows);
        using PredictionPool<QueryRow, Prediction> pool = _context.DrSeg().CreatePredictionPool<QueryRow, Prediction>(_model);
        string[] alone = [.. rows.Select(row => pool.Predict(row).ToString())];
        Assert.That(pool.IdleEngines, Is.EqualTo(1), "one thread needs one engine");
        var together = new string[Threads][];
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
            together[thread] = [.. Enumerable.Range(0, Rounds * Rows).Select(i => pool.Predict(rows[(i + thread) % Rows]).ToString())]))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        for (int thread = 0; thread < Threads; thread++)
            Assert.That(together[thread], Is.EqualTo(Enumerable.Range(0, Rounds * Rows).Select(i => alone[(i + thread) % Rows])));
        Assert.That(pool.IdleEngines, Is.InRange(1, Threads));
    }

    [Test]
    public void ABadRowHarmsNoOther()
    {
        QueryRow good = QueryRow.Many(1)[0];
        using PredictionPool<QueryRow, Prediction> pool = _context.DrSeg().CreatePredictionPool<QueryRow, Prediction>(_model);
        string expected = pool.Predict(good).ToString();
        Assert.That(() => pool.Predict(new QueryRow { Image = good.Image, Query = "unicorn" }), Throws.InvalidOperationException.With.Message.Contains("unicorn"));
        Assert.That(() => pool.Predict(new QueryRow { Query = "blue" }), Throws.InvalidOperationException.With.Message.Contains("no image"));
        Assert.That(pool.Predict(good).ToString(), Is.EqualTo(expected));
        Assert.That(pool.IdleEngines, Is.EqualTo(1));
    }

    /// <summary>A row that does something while it is read, as when an engine is at work.</summary>
    private sealed class BusyRow
    {
        private string _query = "";

        internal Action OnReading { get; init; } = () => { };

        [Transforms.Image.ImageType(1, 1)]
        public MLImage? Image { get; set; }

        public string Query
        {
            get
            {
                OnReading();
                return _query;
            }
            set => _query = value;
        }
    }

    [Test]
    public void AnEngineAtWorkFinishesAndIsNotKept()
    {
        QueryRow row = QueryRow.Many(1)[0];
        PredictionPool<BusyRow, Prediction> pool = _context.DrSeg().CreatePredictionPool<BusyRow, Prediction>(_model);
        bool disposed = false;
        Prediction found = pool.Predict(new BusyRow { Image = row.Image, Query = row.Query!, OnReading = () => { pool.Dispose(); disposed = true; } });
        Assert.That(disposed);
        using PredictionPool<QueryRow, Prediction> other = _context.DrSeg().CreatePredictionPool<QueryRow, Prediction>(_model);
        Assert.That(found.ToString(), Is.EqualTo(other.Predict(row).ToString()));
        Assert.That(pool.IdleEngines, Is.Zero);
    }

    private sealed class NoImage
    {
        public string Query { get; set; } = "";
    }

    [Test]
    public void ARowClassThatLacksAColumnIsFoundAtOnceAndADisposedPoolSaysSo()
    {
        Assert.That(() => _context.DrSeg().CreatePredictionPool<NoImage, Prediction>(_model), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("'Image'"));
        PredictionPool<QueryRow, Prediction> pool = _context.DrSeg().CreatePredictionPool<QueryRow, Prediction>(_model);
        pool.Dispose();
        Assert.That(() => pool.Predict(QueryRow.Many(1)[0]), Throws.TypeOf<ObjectDisposedException>());
        // The model is not the pool's.
        Assert.That(Prediction.Of(_context, _model.Transform(_context.Data.LoadFromEnumerable(QueryRow.Many(1)))), Has.Length.EqualTo(1));
    }
}
