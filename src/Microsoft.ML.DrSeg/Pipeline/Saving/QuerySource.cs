using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>What a row brings to a step that was saved in a model file of ML.NET: image, query and the step's state.</summary>
internal sealed class QuerySource
{
    [ColumnName(EquivalentChain.Prefix + nameof(Image))]
    [AnyImageSize]
    public MLImage? Image { get; set; }

    [ColumnName(EquivalentChain.Prefix + nameof(Query))]
    public string Query { get; set; } = "";

    [ColumnName(EquivalentChain.State)]
    public VBuffer<byte> State { get; set; }

    /// <param name="step">Names the columns that the row came from, for errors; which row of them it was a mapping is not told.</param>
    internal RowQuery Read(Func<string, string?> checkQuery, QueryOptions step)
    {
        const string Row = "A row";
        return RowQuery.Of(ImageColumn.Required(Image, Row, step.ImageColumnName), Query, checkQuery, step.QueryColumnName, Row);
    }
}
