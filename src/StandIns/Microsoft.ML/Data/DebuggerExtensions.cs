using Microsoft.ML.Data;

namespace Microsoft.ML;

public static class DebuggerExtensions
{
    /// <summary>Reads the first rows, for looking at.</summary>
    public static DataDebuggerPreview Preview(this IDataView data, int maxRows = 100)
    {
        ArgumentNullException.ThrowIfNull(data);
        return new DataDebuggerPreview(data, maxRows);
    }
}
