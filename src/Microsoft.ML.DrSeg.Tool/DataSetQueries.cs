using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>
/// The queries of a data set of any layout that a model can be asked. Of the compact model these are nouns that it knows, with one
/// object for an answer, since it answers with one box and one point; of others all whose objects have masks.
/// </summary>
internal sealed class DataSetQueries
{
    private readonly IEnumerable<AnnotatedQuery> _rows;

    /// <param name="path">A folder, or an annotation file.</param>
    /// <param name="vocabulary">The compact model's words; null for a model that can be asked anything.</param>
    /// <param name="skipped">Where to note damaged rows, which are then left out; null to stop at the first one.</param>
    /// <exception cref="IOException">No layout, or several, were recognised.</exception>
    /// <exception cref="InvalidDataException">The data set asks nothing that the model can be asked, or is damaged.</exception>
    public DataSetQueries(string path, QueryVocabulary? vocabulary, SkippedRows? skipped = null)
    {
        var options = new DataSetOptions { Skipped = skipped };
        SegmentationDataSet data = DataSetFinder.Open(path, options);
        if (vocabulary is null)
        {
            _rows = data.Read().Where(row => row.Objects.All(one => one.Mask is not null && !one.Traits.HasFlag(ObjectTraits.Group)));
            if (!_rows.Any()) throw new InvalidDataException($"'{path}' has no row whose objects all have masks of their own.");
            return;
        }
        HashSet<string> nouns = [.. vocabulary.Nouns];
        // Where a query is the name of its category, the others are passed over undecoded.
        if (data.Layout is not (DataSetLayout.RefCoco or DataSetLayout.ReasonSeg))
            data = DataSetFinder.Open(path, options with { Categories = nouns }, data.Layout);
        _rows = data.Read()
            .Where(row => nouns.Contains(row.Query) && row.Objects is [{ Mask: not null, Traits: var traits }] && !traits.HasFlag(ObjectTraits.Group));
        if (!_rows.Any())
            throw new InvalidDataException($"'{path}' shows none of the model's nouns exactly once in an image: {string.Join(", ", vocabulary.Nouns)}.");
    }

    /// <summary>All that is asked for, each once.</summary>
    public IReadOnlyList<string> Nouns => [.. _rows.Select(row => row.Query).Distinct()];

    /// <summary>The queries as rows of the columns Image, Query, Mask and Masks, read anew in every pass.</summary>
    public IDataView View(MLContext mlContext)
    {
        IDataView view = mlContext.Data.LoadFromEnumerable(_rows.Select(row => new Row
        {
            ImagePath = row.ImagePath,
            Query = row.Query,
            Mask = row.Mask,
            Masks = new SegmentationMaskList(row.Objects.Select(one => one.Mask)),
        }));
        return mlContext.Transforms.LoadImages("Image", imageFolder: "", nameof(Row.ImagePath)).Fit(view).Transform(view);
    }

    /// <summary>The queries by number; images are read when theirs is asked for.</summary>
    public (Func<long, SegmentationExample> Examples, int Count) Examples() => Examples(out _);

    /// <inheritdoc cref="Examples()"/>
    /// <param name="rows">The rows that they are made of.</param>
    public (Func<long, SegmentationExample> Examples, int Count) Examples(out IReadOnlyList<AnnotatedQuery> rows)
    {
        AnnotatedQuery[] all = [.. _rows];
        rows = all;
        return (index => new SegmentationExample(RgbImage.Load(all[index].ImagePath), all[index].Query, all[index].Mask, index)
        {
            Objects = [.. all[index].Objects.Select(one => one.Mask!).Where(mask => mask.Area > 0)],
        }, all.Length);
    }

    private sealed class Row
    {
        public string ImagePath { get; set; } = "";

        public string Query { get; set; } = "";

        [SegmentationMaskType]
        public SegmentationMask? Mask { get; set; }

        [SegmentationMaskListType]
        public SegmentationMaskList? Masks { get; set; }
    }
}
