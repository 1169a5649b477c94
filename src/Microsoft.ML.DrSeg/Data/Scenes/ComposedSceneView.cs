using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.DrSeg.Data;

/// <summary>
/// The first queries of a series as an ML.NET data view: Image, Query and Mask. A scene is composed when a value of its
/// row is asked for, and anew in every pass.
/// </summary>
internal sealed class ComposedSceneView : IDataView
{
    private readonly SceneQueries _queries;
    private readonly long _count;

    public ComposedSceneView(SceneComposer composer, SceneSplit split, long count, ulong seed)
    {
        _queries = new(composer, split, seed);
        _count = count;
        int size = composer.Assets.Options.Size;
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Image", new ImageDataViewType(size, size));
        builder.AddColumn("Query", TextDataViewType.Instance);
        builder.AddColumn("Mask", SegmentationMaskDataViewType.Instance);
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, [.. columnsNeeded.Select(column => column.Index)]);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(ComposedSceneView view, HashSet<int> active) : DataViewRowCursor
    {
        private long _next;
        private SceneQuery? _query;

        public override long Position => _next > view._count ? -1 : _next - 1;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        // Of the row that the cursor stands on; every getter of a row shares one scene.
        private SceneQuery Current
        {
            get
            {
                if (Position < 0)
                    throw new InvalidOperationException("The cursor stands on no row: call MoveNext first, and read only while it returns true.");
                return _query ??= view._queries[Position];
            }
        }

        public override bool MoveNext()
        {
            _query = null;
            if (_next <= view._count)
                _next++;
            return _next <= view._count;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new((ulong)Position, 0);

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' was not asked for when the cursor was opened.");
            Delegate getter = column.Index switch
            {
                0 => (ValueGetter<MLImage>)GetImage,
                1 => (ValueGetter<ReadOnlyMemory<char>>)GetQuery,
                _ => (ValueGetter<SegmentationMask>)GetMask,
            };
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"The column '{column.Name}' holds {column.Type.RawType}, not {typeof(TValue)}.");
        }

        // As ML.NET's own image columns do: the value handed over before is disposed.
        private void GetImage(ref MLImage value)
        {
            value?.Dispose();
            value = Current.Scene.Image.ToMLImage();
        }

        private void GetQuery(ref ReadOnlyMemory<char> value) => value = Current.Target.Noun.AsMemory();

        private void GetMask(ref SegmentationMask value) => value = Current.Mask;
    }
}
