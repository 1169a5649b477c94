using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.Models;

[NonParallelizable]
public class SideBySideTests
{
    private int _usual;

    [SetUp]
    public void TakeTwoThreads()
    {
        _usual = get_num_threads();
        set_num_threads(2);
    }

    [TearDown]
    public void GiveThemBack() => set_num_threads(_usual);

    [Test]
    public void ResultsComeInTheOrderOfThePiecesEachFromOneThread()
    {
        (int Piece, int Threads)[] results = SideBySide.Run([.. Enumerable.Range(0, 50)], piece => (piece, get_num_threads()));
        Assert.That(results, Is.EqualTo(Enumerable.Range(0, 50).Select(piece => (piece, 1))));
        Assert.That(get_num_threads(), Is.EqualTo(2));
    }

    [Test]
    public void AnErrorComesOutAsItIsAndThreadsAreGivenBack()
    {
        Assert.That(() => SideBySide.Run<int, int>([1, 2, 3], piece => piece == 2 ? throw new InvalidDataException("two") : piece), Throws.InstanceOf<InvalidDataException>().With.Message.EqualTo("two"));
        Assert.That(get_num_threads(), Is.EqualTo(2));
    }

    [Test]
    public void CancellationBeginsNoFurtherPiece()
    {
        using var source = new CancellationTokenSource();
        int begun = 0;
        Assert.That(() => SideBySide.Run([.. Enumerable.Range(0, 1000)], _ => { source.Cancel(); return Interlocked.Increment(ref begun); }, source.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(begun, Is.LessThan(1000));
    }

    [Test]
    public void ASingleBatchHasAllThreadsAndSeveralHaveOneEach()
    {
        int[][] Threads(int items) => [.. SideBySide.Batches([.. Enumerable.Range(0, items)], 16, batch => Array.ConvertAll(batch, item => new[] { item, get_num_threads() }), CPU)];
        Assert.That(Threads(16), Is.EqualTo(Enumerable.Range(0, 16).Select(item => new[] { item, 2 })));
        Assert.That(Threads(17), Is.EqualTo(Enumerable.Range(0, 17).Select(item => new[] { item, 1 })));
        Assert.That(Threads(0), Is.Empty);
    }

    [Test]
    public void AnswersToSeveralBatchesDoNotDependOnTheNumberOfThreads()
    {
        using DrSegModel model = TinyModel.Trained();
        SegmentationQuery[] queries = [.. TinyModel.Examples(40).Select(example => TinyModel.QueryOf(model, example))];
        string[] Answers(int threads)
        {
            set_num_threads(threads);
            using LookToConfirmSession session = new LookToConfirmLoop(model).Run(queries, new() { Threshold = 2 }, seed: 5);
            return [.. session.Results.SelectMany(result => result.Hypotheses).Select(hypothesis => $"{string.Join(' ', hypothesis.Generated.LogProbabilities)} {hypothesis.Mask?.Area} {hypothesis.Confidence}")];
        }
        Assert.That(Answers(2), Is.EqualTo(Answers(1)));
    }
}
