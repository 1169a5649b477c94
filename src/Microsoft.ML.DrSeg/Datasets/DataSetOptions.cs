namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>Which rows of a data set are wanted, and what is to happen with damaged ones.</summary>
public sealed record DataSetOptions
{
    /// <summary>Names of the categories asked for; null for all.</summary>
    public IReadOnlyCollection<string>? Categories { get; init; }

    /// <summary>
    /// Fewest pixels of a row's mask (of its boxes, where there is no mask). Rows of absent things are not judged by size.
    /// </summary>
    public double MinArea { get; init; }

    /// <summary>Most pixels of a row's mask, or of its boxes.</summary>
    public double MaxArea { get; init; } = double.PositiveInfinity;

    /// <summary>
    /// The part of the data set: in OpenImages what file names begin with ("validation"), in referring expressions their
    /// field <c>split</c>, in other layouts the folder's or annotation file's name. Null where there is only one.
    /// </summary>
    public string? Split { get; init; }

    /// <summary>
    /// Whether rows are wanted for what was looked for and is not there, where the layout tells: in COCO's instances every
    /// category that an image has no annotation of. Their masks are empty.
    /// </summary>
    public bool IncludeAbsent { get; init; }

    /// <summary>The folder of images, where it is not where the layout has it: file names are relative to it, or end below it.</summary>
    public string? ImageFolder { get; init; }

    /// <summary>Where to note damaged rows, which are then left out; null to stop with an error at the first one.</summary>
    public SkippedRows? Skipped { get; init; }

    internal bool Wants(Category category) => Categories is null || Categories.Contains(category.Name);

    internal bool Wants(AnnotatedQuery row)
    {
        if (row.Traits.HasFlag(QueryTraits.Absent))
            return IncludeAbsent;
        double area = row.Mask.Area > 0 ? row.Mask.Area : row.Objects.Sum(seen => (double)seen.Box.Area);
        return area >= MinArea && area <= MaxArea;
    }
}
