namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>A part of a prompt.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Trusted">Whether added tokens that are written in it are meant: true for our own text, false for a user's.</param>
internal readonly record struct TextPart(string Text, bool Trusted);
