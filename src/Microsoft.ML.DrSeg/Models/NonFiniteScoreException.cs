namespace Microsoft.ML.DrSeg.Models;

/// <summary>A policy's score for a token is not finite, so that no answer can be drawn.</summary>
/// <param name="token">The token.</param>
/// <param name="score">Its score.</param>
internal sealed class NonFiniteScoreException(int token, float score) : InvalidOperationException(
    $"The policy's score for token {token} is {score}: its weights are damaged. Load a good model or lower the learning rate.")
{
    /// <summary>The token.</summary>
    public int Token => token;

    /// <summary>Its score, infinite or not a number.</summary>
    public float Score => score;
}
