namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>The linear layers of a layer of the text model: what an adapter may add to.</summary>
internal enum TextModule
{
    Query,
    Key,
    Value,
    Output,
    Gate,
    Up,
    Down,
}

/// <summary>Names and sizes of <see cref="TextModule"/>, as the transformers library has them.</summary>
internal static class TextModules
{
    private static readonly string[] Paths =
        ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"];

    public static IReadOnlyList<TextModule> All { get; } = Enum.GetValues<TextModule>();

    /// <summary>Its path inside a layer, such as <c>self_attn.q_proj</c>.</summary>
    public static string Path(this TextModule module) => Paths[(int)module];

    /// <summary>The module of a path inside a layer; null where there is none.</summary>
    public static TextModule? Named(string path) => Array.IndexOf(Paths, path) is >= 0 and var place ? (TextModule)place : null;

    /// <summary>Width of what it reads and of what it gives.</summary>
    public static (int In, int Out) Sizes(this TextModule module, TextShape shape) => module switch
    {
        TextModule.Query => (shape.HiddenSize, shape.Heads * shape.HeadSize),
        TextModule.Key or TextModule.Value => (shape.HiddenSize, shape.KeyValueHeads * shape.HeadSize),
        TextModule.Output => (shape.Heads * shape.HeadSize, shape.HiddenSize),
        TextModule.Down => (shape.IntermediateSize, shape.HiddenSize),
        _ => (shape.HiddenSize, shape.IntermediateSize),
    };

    /// <summary>Whether it has a bias.</summary>
    public static bool HasBias(this TextModule module, TextShape shape) => shape.AttentionBias && module <= TextModule.Value;
}
