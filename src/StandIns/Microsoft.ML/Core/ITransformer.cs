using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>Turns a table into another one, row by row where <see cref="IsRowToRowMapper"/>.</summary>
public interface ITransformer : ICanSaveModel
{
    DataViewSchema GetOutputSchema(DataViewSchema inputSchema);

    /// <summary>Returns at once; the work is done when a cursor of the result moves.</summary>
    IDataView Transform(IDataView input);

    bool IsRowToRowMapper { get; }

    IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema);
}
