namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>How a policy asks its model.</summary>
/// <param name="Recipe">Template, image size, frame and reader.</param>
/// <param name="LongestAnswer">Tokens after which an answer is cut off, at least 1.</param>
/// <param name="LongestPrompt">Tokens of the longest prompt; a longer one is refused, never cut.</param>
internal sealed record QwenPolicySettings(QwenRecipe Recipe, int LongestAnswer, int LongestPrompt);
