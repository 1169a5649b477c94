using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>What a data set holds and what looks wrong with it, found in one pass without keeping rows.</summary>
public sealed class DataSetInspection
{
    private const double SmallArea = 32 * 32, MediumArea = 96 * 96;
    private const int MostProblems = 100;
    private const float Tolerance = 1; // pixels; annotated boxes are rounded in many ways

    private readonly Dictionary<string, (Category Category, long Rows, long Objects)> _categories = new(StringComparer.Ordinal);
    private readonly HashSet<string> _images = new(StringComparer.Ordinal);
    private readonly HashSet<long> _objectIds = [];
    private readonly HashSet<string> _objectTexts = new(StringComparer.Ordinal);
    private readonly bool _decodes;
    private readonly List<string> _problems = [];
    private readonly List<AnnotatedQuery> _samples;

    private DataSetInspection(int samples, bool decode) => (_samples, _decodes) = (new(samples), decode);

    /// <summary>Images with at least one row.</summary>
    public int Images => _images.Count;

    /// <summary>Rows read.</summary>
    public long Rows { get; private set; }

    /// <summary>Objects of all rows.</summary>
    public long Objects { get; private set; }

    /// <summary>Objects by size as COCO divides them: annotated area below 32 x 32, below 96 x 96, and above.</summary>
    public (long Small, long Medium, long Large) Sizes { get; private set; }

    /// <summary>Objects of which only a box is known.</summary>
    public long BoxesOnly { get; private set; }

    /// <summary>Objects that are groups.</summary>
    public long Groups { get; private set; }

    /// <summary>Rows of verified absence.</summary>
    public long Absent { get; private set; }

    /// <summary>Pictures that are turned as a camera noted beside them (EXIF), as viewers show them.</summary>
    public long Turned { get; private set; }

    /// <summary>Those of them of which the size of the annotations does not tell whether they lie so: squares, and pictures upside down.</summary>
    public long TurnedByHabit { get; private set; }

    /// <summary>The categories that occur, the most frequent first.</summary>
    public IReadOnlyList<(Category Category, long Rows, long Objects)> Categories => [.. _categories.Values.OrderByDescending(one => one.Objects).ThenBy(one => one.Category.Name, StringComparer.Ordinal)];

    /// <summary>How many things look wrong, damaged rows that were skipped among them.</summary>
    public long ProblemCount { get; private set; }

    /// <summary>The first hundred of them in words.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Rows chosen at random, each as likely, to be looked at.</summary>
    internal IReadOnlyList<AnnotatedQuery> Samples => _samples;

    /// <summary>Reads all rows of a data set.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="samples">Rows to keep for looking at, 0 or more.</param>
    /// <param name="seed">Chooses them.</param>
    /// <param name="decode">Whether to decode every picture; otherwise only those are that do not end as they should.</param>
    /// <param name="cancellation">Stops between two rows.</param>
    /// <exception cref="InvalidDataException">A row is damaged, and the data set's options do not let it be skipped.</exception>
    public static DataSetInspection Of(SegmentationDataSet data, int samples = 12, ulong seed = 1, bool decode = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        var found = new DataSetInspection(samples, decode);
        var random = DeterministicRandom.Create(seed);
        foreach (AnnotatedQuery row in data.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            // Reservoir sampling (Vitter 1985, algorithm R): the row takes a place with probability samples / rows so far.
            if (found._samples.Count < samples)
                found._samples.Add(row);
            else if (samples > 0 && (long)random.NextDouble(0, found.Rows + 1) is var place && place < samples)
                found._samples[(int)place] = row;
            found.Add(row, idsAreUnique: data.Layout is DataSetLayout.Coco or DataSetLayout.Lvis);
        }
        if (found.Rows == 0 && data.Options.Skipped is not { Count: > 0 })
            found.Note("there is no row: nothing is annotated that is asked for.");
        found.ProblemCount += data.Options.Skipped?.Count ?? 0;
        found._problems.AddRange((data.Options.Skipped?.Problems ?? []).Take(MostProblems - found._problems.Count));
        return found;
    }

    private void Add(AnnotatedQuery row, bool idsAreUnique)
    {
        Rows++;
        Objects += row.Objects.Count;
        if (_images.Add(row.ImageId))
            CheckImage(row);
        if (row.Traits.HasFlag(QueryTraits.Absent))
        {
            Absent++;
            return;
        }
        ref (Category Category, long Rows, long Objects) counts = ref CollectionsMarshal.GetValueRefOrAddDefault(_categories, row.Category.Id, out _);
        counts = (row.Category, counts.Rows + 1, counts.Objects + row.Objects.Count);
        foreach (AnnotatedObject seen in row.Objects)
        {
            if (seen.Traits.HasFlag(ObjectTraits.Group))
                Groups++;
            if (seen.Mask is null)
                BoxesOnly++;
            Sizes = seen.Area < SmallArea ? Sizes with { Small = Sizes.Small + 1 }
                : seen.Area < MediumArea ? Sizes with { Medium = Sizes.Medium + 1 }
                : Sizes with { Large = Sizes.Large + 1 };
            if (seen.Mask is { Area: 0 })
                Note(row, seen, "has an empty mask");
            if (seen.Box.X0 < -Tolerance || seen.Box.Y0 < -Tolerance || seen.Box.X1 > row.Mask.Width + Tolerance || seen.Box.Y1 > row.Mask.Height + Tolerance)
                Note(row, seen, $"lies outside the image: its box is {seen.Box.X0} {seen.Box.Y0} {seen.Box.X1} {seen.Box.Y1}, the image {row.Mask.Width} x {row.Mask.Height}");
            if (idsAreUnique && !(long.TryParse(seen.Id, NumberStyles.None, CultureInfo.InvariantCulture, out long id) ? _objectIds.Add(id) : _objectTexts.Add(seen.Id)))
                Note(row, seen, "has an id that another object has too");
        }
    }

    private void CheckImage(AnnotatedQuery row)
    {
        if (!File.Exists(row.ImagePath))
        {
            Note($"image {row.ImageId}: there is no file '{row.ImagePath}'");
            return;
        }
        try
        {
            ImageHeader header = ImageFile.HeaderOf(row.ImagePath);
            if (header.IsTurnedFor((row.Mask.Width, row.Mask.Height)))
            {
                Turned++;
                TurnedByHabit += header.SizeTells ? 0 : 1;
            }
            if (_decodes || !ImageFiles.EndsWhole(row.ImagePath))
                ImageFile.Decode(row.ImagePath).Dispose();
        }
        catch (InvalidDataException problem)
        {
            Note($"image {row.ImageId}: {(problem.Message.Contains(row.ImagePath, StringComparison.Ordinal) ? "" : $"'{row.ImagePath}': ")}{problem.Message}");
        }
    }

    private void Note(AnnotatedQuery row, AnnotatedObject seen, string problem) => Note($"image {row.ImageId}, {row.Category.Name}, object {seen.Id}: {problem}");

    private void Note(FormattableString problem) => Note(FormattableString.Invariant(problem));

    private void Note(string problem)
    {
        ProblemCount++;
        if (_problems.Count < MostProblems)
            _problems.Add(problem);
    }
}
