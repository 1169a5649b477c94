namespace Microsoft.ML.DrSeg.Models;

/// <summary>A policy's score for a token is not finite, so that no answer can be drawn.</summary>
internal sealed class NonFiniteScoreException(int token, float score) : InvalidOperationException(
    $"The policy's score for token {token} is {score}: its weights are damaged. Load a good model or lower the learning rate.")
{
    public int Token => token;

    public float Score => score;
}
