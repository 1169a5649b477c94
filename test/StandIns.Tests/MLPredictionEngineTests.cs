using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using NUnit.Framework;
using static StandIns.Tests.MLRows;

namespace StandIns.Tests;

public sealed class MLPredictionEngineTests
{
    private static TransformerChain<ColumnCopyingTransformer> Model()
    {
        IDataView data = Context.Data.LoadFromEnumerable(Numbers(2));
        return Doubling().Append(Context.Transforms.CopyColumns("Copy", "Y")).Fit(data);
    }

    [Test]
    public void Each_example_is_computed_anew()
    {
        using PredictionEngine<NumberRow, Prediction> engine = Context.Model.CreatePredictionEngine<NumberRow, Prediction>(Model());
        // Two examples that are one object: the second answer must not be the first one's.
        var example = new NumberRow { X = 1 };
        Prediction first = engine.Predict(example);
        example.X = 4;
        Prediction second = engine.Predict(example);
        Assert.That((first.Copy, second.Copy, second.X), Is.EqualTo((2f, 8f, 4f)));
    }

    [Test]
    public void The_model_lives_on_where_the_engine_does_not_own_it()
    {
        IDataView data = Context.Data.LoadFromEnumerable(Numbers(2));
        using (Context.Model.CreatePredictionEngine<NumberRow, Prediction>(Model(), new PredictionEngineOptions { OwnsTransformer = false }))
        {
        }

        using PredictionEngine<NumberRow, Prediction> other = Context.Model.CreatePredictionEngine<NumberRow, Prediction>(Model(), data.Schema);
        Assert.That(other.Predict(new NumberRow { X = 3 }).Copy, Is.EqualTo(6f));
    }

    [Test]
    public void A_column_that_the_prediction_lacks_is_an_error_where_asked_for()
    {
        Assert.That(
            () => Context.Model.CreatePredictionEngine<NumberRow, WithNope>(Model(), ignoreMissingColumns: false),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("'Nope'"));
        Assert.That(
            () => Context.Model.CreatePredictionEngine<DoubledRow, Prediction>(Model()),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("'X'"));
    }

    private sealed class Prediction
    {
        public float X { get; set; }

        public float Copy { get; set; }
    }

    private sealed class WithNope
    {
        public float Nope { get; set; }
    }
}
