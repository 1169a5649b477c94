using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Brings what was predicted on images that ML.NET's <c>ResizeImages</c> resized back to the pixels of the originals. Without
/// such a step this is not needed: predictions refer to the image as it comes, whatever size the policy sees inside.
/// </summary>
public sealed class OriginalPixelsEstimator : IEstimator<OriginalPixelsTransformer>
{
    /// <summary>Columns, and how the images were resized.</summary>
    public sealed class Options
    {
        /// <summary>Input: the image before it was resized (MLImage).</summary>
        public string OriginalImageColumnName = "OriginalImage";

        /// <summary>Input and output: the mask (<see cref="SegmentationMask"/>); comes in the resized image's size and goes in the original's. What a crop cut off is outside of it.</summary>
        public string MaskColumnName = "PredictedMask";

        /// <summary>Inputs and outputs: boxes as x0, y0, x1, y1 (vectors of 4 Single), cut at the original's borders. An empty one stays as it is. Null for PredictedBox where there is such a column, empty for none.</summary>
        public string[]? BoxColumnNames;

        /// <summary>Inputs and outputs: regions as x0, y0, x1, y1 (vectors of 4 Single), which may reach beyond the image. An empty one stays as it is. Null for ConfidenceRegion where there is such a column, empty for none.</summary>
        public string[]? RegionColumnNames;

        /// <summary>Inputs and outputs: points as x, y (vectors of 2 Single), moved to the original's border from beyond. 0, 0 stands for none and stays. Null for PredictedPoint where there is such a column, empty for none.</summary>
        public string[]? PointColumnNames;

        /// <summary>What <c>ResizeImages</c> was told; its default too.</summary>
        public ImageResizingEstimator.ResizingKind Resizing = ImageResizingEstimator.ResizingKind.IsoCrop;

        /// <summary>What <c>ResizeImages</c> was told; its default too. Matters only to a crop.</summary>
        public ImageResizingEstimator.Anchor CropAnchor = ImageResizingEstimator.Anchor.Center;

        internal Options Copy()
        {
            var copy = (Options)MemberwiseClone();
            copy.BoxColumnNames = BoxColumnNames?.ToArray();
            copy.RegionColumnNames = RegionColumnNames?.ToArray();
            copy.PointColumnNames = PointColumnNames?.ToArray();
            return copy;
        }

        internal void Validate()
        {
            (string, string)[] outputs =
            [
                (nameof(MaskColumnName), MaskColumnName),
                .. Named(nameof(BoxColumnNames), BoxColumnNames),
                .. Named(nameof(RegionColumnNames), RegionColumnNames),
                .. Named(nameof(PointColumnNames), PointColumnNames),
            ];
            OptionChecks.RequireNames([(nameof(OriginalImageColumnName), OriginalImageColumnName)], outputs);
            OptionChecks.Require(Enum.IsDefined(Resizing), nameof(Resizing), Resizing, "one of IsoPad, IsoCrop and Fill");
            OptionChecks.Require(Enum.IsDefined(CropAnchor), nameof(CropAnchor), CropAnchor, "one of Left, Right, Top, Bottom and Center");
        }

        /// <summary>The columns that are converted besides the mask: those named, or the usual one where it is there.</summary>
        internal ConvertedColumn[] Converted(Func<string, bool> isThere)
        {
            return
            [
                .. Of(BoxColumnNames, "PredictedBox", ConvertedKind.Box, "a box", 4),
                .. Of(RegionColumnNames, "ConfidenceRegion", ConvertedKind.Region, "a region", 4),
                .. Of(PointColumnNames, "PredictedPoint", ConvertedKind.Point, "a point", 2),
            ];

            IEnumerable<ConvertedColumn> Of(string[]? names, string usual, ConvertedKind kind, string what, int size) =>
                (names ?? (isThere(usual) ? [usual] : [])).Select(name => new ConvertedColumn(kind, InputColumn.Of<VBuffer<float>>(name, $"{what} of the resized image", size)));
        }

        internal IEnumerable<InputColumn> Inputs(ConvertedColumn[] converted) =>
        [
            InputColumn.Of<MLImage>(OriginalImageColumnName, "the original image"),
            InputColumn.Of<SegmentationMask>(MaskColumnName, "the mask of the resized image"),
            .. converted.Select(column => column.Input),
        ];

        private static IEnumerable<(string, string)> Named(string option, string[]? names) => (names ?? []).Select((name, i) => ($"{option}[{i}]", name));
    }

    private readonly Options _options;

    internal OriginalPixelsEstimator(Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options.Copy();
    }

    /// <summary>Checks the columns; there is nothing to learn.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public OriginalPixelsTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var transformer = new OriginalPixelsTransformer(_options);
        _ = transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ConvertedColumn[] converted = _options.Converted(name => inputSchema.Any(column => column.Name == name));
        foreach (InputColumn input in _options.Inputs(converted))
            input.DemandOf(inputSchema);
        return inputSchema.With(OriginalPixelsColumns.Added(_options, converted, ModelAnnotation.HandedOn(inputSchema, _options.MaskColumnName)));
    }
}

/// <summary>A column that is converted besides the mask.</summary>
internal readonly record struct ConvertedColumn(ConvertedKind Kind, InputColumn Input);

/// <summary>What the numbers of a converted column are.</summary>
internal enum ConvertedKind { Box, Region, Point }

/// <inheritdoc cref="OriginalPixelsEstimator"/>
public sealed class OriginalPixelsTransformer : RowTransformer
{
    private readonly OriginalPixelsEstimator.Options _options;

    internal OriginalPixelsTransformer(OriginalPixelsEstimator.Options options) => _options = options.Copy();

    internal override SavedStep ToSaved() => new SavedOriginalPixels(_options);

    private protected override AddedColumns Bind(DataViewSchema inputSchema) => new OriginalPixelsColumns(inputSchema, _options);

    private protected override TransformerChain<ITransformer> ToMLNet() => throw new NotSupportedException(
        $"{nameof(OriginalPixelsTransformer)} cannot be part of a model file of ML.NET. It has learned nothing: add mlContext.DrSeg().ToOriginalPixels(...) again after loading, or save with SaveDrSeg.");
}
