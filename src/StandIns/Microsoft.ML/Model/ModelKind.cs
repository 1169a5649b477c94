namespace Microsoft.ML.Data;

/// <summary>The kinds of transformers in a model file.</summary>
internal enum ModelKind : byte
{
    Chain = 1,
    CopyColumns = 2,
    DropColumns = 3,
    SelectColumns = 4,
    Concatenate = 5,
    Expression = 6,
    MapValue = 7,
    CustomMapping = 8,
    LoadImages = 9,
    ResizeImages = 10,
}
