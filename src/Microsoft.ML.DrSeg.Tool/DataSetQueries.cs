using System.Collections.Concurrent;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>
/// The queries of a data set of any layout that a model can be asked. Of the compact model these are nouns that it knows, with one
/// object for an answer, since it answers with one box and one point; of others all whose objects have masks.
/// </summary>
internal sealed class DataSetQueries
{
    private readonly IEnumerable<AnnotatedQuery> _rows;
    private readonly ConcurrentDictionary<string, Exception?> _pictures = new(StringComparer.Ordinal);

    /// <param name="path">A folder, or an annotation file.</param>
    /// <param name="vocabulary">The compact model's words; null for a model that can be asked anything.</param>
    /// <param name="skipped">Where to note damaged rows, which are then left out; null to stop at the first one.</param>
    /// <param name="images">The folder of images; null for where the layout has it.</param>
    /// <exception cref="IOException">No layout, or several, were recognised.</exception>
    /// <exception cref="InvalidDataException">The data set asks nothing that the model can be asked, or is damaged.</exception>
    public DataSetQueries(string path, QueryVocabulary? vocabulary, SkippedRows? skipped = null, string? images = null)
    {
        var options = new DataSetOptions { Skipped = skipped, ImageFolder = images };
        Data = DataSetFinder.Open(path, options);
        if (vocabulary is null)
        {
            _rows = Data.Read().Where(row => row.Objects.All(one => one.Mask is not null && !one.Traits.HasFlag(ObjectTraits.Group)) && CanBeAsked(row));
            if (!_rows.Any()) throw new InvalidDataException($"'{path}' has no row whose objects all have masks of their own.");
            return;
        }
        HashSet<string> nouns = [.. vocabulary.Nouns];
        // Where a query is the name of its category, the others are passed over undecoded.
        if (Data.Layout is not (DataSetLayout.RefCoco or DataSetLayout.ReasonSeg))
            Data = DataSetFinder.Open(path, options with { Categories = nouns }, Data.Layout);
        _rows = Data.Read()
            .Where(row => nouns.Contains(row.Query) && row.Objects is [{ Mask: not null, Traits: var traits }] && !traits.HasFlag(ObjectTraits.Group) && CanBeAsked(row));
        if (!_rows.Any())
            throw new InvalidDataException($"'{path}' shows none of the model's nouns exactly once in an image: {string.Join(", ", vocabulary.Nouns)}.");
    }

    /// <summary>Where the queries come from, and what was left out or passed over of it.</summary>
    public SegmentationDataSet Data { get; }

    /// <summary>All that is asked for, each once.</summary>
    public IReadOnlyList<string> Nouns => [.. _rows.Select(row => row.Query).Distinct()];

    /// <summary>The queries as rows of the columns Image, Query, Mask and Masks, read anew in every pass.</summary>
    public IDataView View() => new EnumeratedView<AnnotatedQuery>(_rows, null,
        RowColumn<AnnotatedQuery>.OfImage("Image", new ImageDataViewType(), row => ImageFile.Open(row.ImagePath, (row.Mask.Width, row.Mask.Height))),
        RowColumn<AnnotatedQuery>.Of("Query", TextDataViewType.Instance, row => row.Query.AsMemory()),
        RowColumn<AnnotatedQuery>.Of("Mask", SegmentationMaskDataViewType.Instance, row => row.Mask),
        RowColumn<AnnotatedQuery>.Of("Masks", SegmentationMaskListDataViewType.Instance, row => new SegmentationMaskList(row.Objects.Select(one => one.Mask))));

    /// <summary>The queries by number; images are read when theirs is asked for.</summary>
    public (Func<long, SegmentationExample> Examples, int Count) Examples() => Examples(out _);

    /// <inheritdoc cref="Examples()"/>
    /// <param name="rows">The rows that they are made of.</param>
    public (Func<long, SegmentationExample> Examples, int Count) Examples(out IReadOnlyList<AnnotatedQuery> rows)
    {
        AnnotatedQuery[] all = [.. _rows];
        rows = all;
        return (index => new SegmentationExample(RgbImage.Load(all[index].ImagePath, (all[index].Mask.Width, all[index].Mask.Height)), all[index].Query, all[index].Mask, index)
        {
            Objects = [.. all[index].Objects.Select(one => one.Mask!).Where(mask => mask.Area > 0)],
        }, all.Length);
    }

    // An object without a pixel is no answer, and would be taken for none. Where damaged rows are left out, so are those of damaged
    // pictures; each of these is decoded once more for it.
    private bool CanBeAsked(AnnotatedQuery row)
    {
        if (row.Mask.Area == 0 && row.Objects.Count > 0)
        {
            Data.Note(new($"{row.ImagePath}, {row.Query}"), $"none of its {row.Objects.Count} objects has a pixel in {row.Mask.Width} x {row.Mask.Height}: if this is so everywhere, coordinates may be shares instead of pixels.");
            return false;
        }
        if (Data.Options.Skipped is not { } skipped || _pictures.GetOrAdd(row.ImagePath, _ => ImageFiles.ProblemOf(row)) is not { } problem)
            return true;
        skipped.Add(new($"{row.ImagePath}, {row.Query}"), problem.Message);
        return false;
    }
}
