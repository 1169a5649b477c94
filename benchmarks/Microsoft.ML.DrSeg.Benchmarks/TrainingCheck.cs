using Microsoft.ML.DrSeg.Compact;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// Whether the usual arrangements do the library's work: the same log-probabilities, loss and gradient for the same answers, and
/// in what they sample themselves the log-probabilities that the library gives it.
/// </summary>
/// <param name="library">The library's side, before its first update.</param>
/// <param name="network">Its weights.</param>
/// <param name="advantages">[B, G, 1].</param>
internal sealed class TrainingCheck(LibraryTrainer library, PolicyNetwork network, Tensor advantages)
{
    private const double Tolerance = 1e-4;

    // Its gradient has passed through every block.
    private const string Watched = "promptPositions";

    /// <exception cref="InvalidOperationException">One does other work; the message says which and where.</exception>
    public void Run(params PeerTrainer[] peers)
    {
        using var scope = NewDisposeScope();
        PeerAnswers drawn = library.Tensors(library.Sample());
        // As if some updates had passed since they were drawn, so that some ratios are clipped.
        PeerAnswers answers = drawn with { LogProbabilities = drawn.LogProbabilities + 0.2 * randn_like(drawn.LogProbabilities) };
        Tensor logs = library.LogProbabilities(answers.Tokens, answers.Counted), loss = library.Loss(answers, advantages);
        loss.backward();
        Tensor gradient = TakeGradient(network);
        network.zero_grad();
        foreach (PeerTrainer peer in peers)
        {
            var theirs = new PeerAnswers(Flat(answers.Tokens), Flat(answers.LogProbabilities), Flat(answers.Counted));
            Compare(peer, "log-probabilities", Flat(logs * answers.Counted), peer.LogProbabilities(theirs.Tokens) * theirs.Counted, Tolerance);
            Tensor theirLoss = peer.Loss(theirs, advantages.view(-1, 1));
            Compare(peer, "loss", loss, theirLoss, Tolerance);
            theirLoss.backward();
            Compare(peer, "gradient", gradient, TakeGradient(peer.Policy), Tolerance * gradient.abs().max().item<float>());
            peer.Policy.zero_grad();
            PeerAnswers own = peer.Sample();
            long[] shape = [advantages.shape[0], advantages.shape[1], -1];
            Tensor given = library.LogProbabilities(own.Tokens.view(shape), own.Counted.view(shape));
            Compare(peer, "log-probabilities of its own answers", Flat(given) * own.Counted, own.LogProbabilities * own.Counted, Tolerance);
        }
    }

    private static Tensor Flat(Tensor answers) => answers.view(-1, answers.shape[^1]);

    private static Tensor TakeGradient(nn.Module module)
    {
        Parameter parameter = module.named_parameters().Single(item => item.name == Watched).parameter;
        return parameter.grad!.clone();
    }

    private static void Compare(PeerTrainer peer, string what, Tensor ours, Tensor theirs, double tolerance)
    {
        float difference = (ours - theirs).abs().max().item<float>();
        Console.WriteLine($"// {peer.Arrangement}: {what} differ by at most {difference:g2}");
        if (!(difference <= tolerance))
            throw new InvalidOperationException($"{what} of the library and of the arrangement '{peer.Arrangement}' differ by {difference:g3}; at most {tolerance:g3} is rounding.");
    }
}
