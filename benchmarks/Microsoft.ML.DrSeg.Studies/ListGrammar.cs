using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Studies;

/// <summary>Gives a compact model that answers with one object the language of lists, so that all it has learned is kept.</summary>
internal static class ListGrammar
{
    private const string Positions = "policy.answerPositions";

    // Of an answer with one look, the token after the first object's opening one.
    private const int FirstCoordinate = AnswerGrammar.LookTokens + 1;

    /// <summary>
    /// The model with room for more objects. Both languages have the same tokens, so that all weights fit but the positions of
    /// the longer answers: the tokens of a later object begin where those of the first one stand, the end of the list included.
    /// </summary>
    /// <param name="model">A model of one object an answer; it stays as it is.</param>
    /// <param name="mostObjects">Objects of the longest answer, at least 2.</param>
    /// <returns>A new model, which the caller disposes. It has not learned to go on after the first object.</returns>
    public static DrSegModel Give(DrSegModel model, int mostObjects)
    {
        CompactModelShape shape = model.Shape;
        if (shape.Policy.MostObjects != 1)
            throw new ArgumentException($"The model answers with up to {shape.Policy.MostObjects} objects already; give one that answers with exactly one.", nameof(model));
        DrSegModel wider = CompactModel.Create(shape with { Policy = shape.Policy with { MostObjects = mostObjects } }, model.Device);
        wider.Threshold = model.Threshold;
        using var scope = NewDisposeScope();
        using IDisposable withoutGradient = no_grad();
        IReadOnlyDictionary<string, Tensor> learned = model.Weights();
        foreach ((string name, Tensor weights) in wider.Weights())
        {
            if (name != Positions)
            {
                weights.copy_(learned[name]);
                continue;
            }
            weights.narrow(0, 0, learned[name].shape[0]).copy_(learned[name]);
            for (int place = FirstCoordinate + AnswerGrammar.ObjectTokens; place < weights.shape[0]; place++)
                weights[place].copy_(learned[name][FirstCoordinate + (place - FirstCoordinate) % AnswerGrammar.ObjectTokens]);
        }
        return wider;
    }
}
