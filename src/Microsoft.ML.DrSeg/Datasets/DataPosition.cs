namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>How far rows have been read that are passed over again and again.</summary>
/// <param name="Pass">Whole passes before this one.</param>
/// <param name="Row">Rows read in this pass, those left out included.</param>
/// <param name="Examples">Examples made in all passes; each is numbered by it.</param>
/// <param name="Skipped">Rows left out in all passes.</param>
internal readonly record struct DataPosition(long Pass, long Row, long Examples, long Skipped)
{
    public DataPosition NextPass() => this with { Pass = Pass + 1, Row = 0 };

    public DataPosition After(bool isSkipped) =>
        isSkipped ? this with { Row = Row + 1, Skipped = Skipped + 1 } : this with { Row = Row + 1, Examples = Examples + 1 };
}
