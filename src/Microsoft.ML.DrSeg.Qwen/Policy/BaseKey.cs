using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Which weights, held how and where.</summary>
/// <param name="Identity">Of the checkpoint.</param>
/// <param name="Type">Of the weights.</param>
/// <param name="Device">Where they are.</param>
internal readonly record struct BaseKey(string Identity, ScalarType Type, string Device);
