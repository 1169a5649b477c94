using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <inheritdoc cref="CustomMappingEstimator{TSrc, TDst}"/>
public sealed class CustomMappingTransformer<TSrc, TDst> : ITransformer
    where TSrc : class, new()
    where TDst : class, new()
{
    private readonly Action<TSrc, TDst> _map;
    private readonly string _contract;
    private readonly SchemaDefinition _input;
    private readonly RowClassColumns<TDst> _output;

    internal CustomMappingTransformer(Action<TSrc, TDst> map, string contract, SchemaDefinition input, SchemaDefinition output)
    {
        (_map, _contract) = (map, contract);
        _input = input ?? SchemaDefinition.Create(typeof(TSrc), SchemaDefinition.Direction.Write);
        _output = new RowClassColumns<TDst>(output ?? SchemaDefinition.Create(typeof(TDst), SchemaDefinition.Direction.Read));
    }

    internal IEnumerable<string> InputColumns => _input.Select(column => column.ColumnName);

    internal DataViewSchema AddedSchema => _output.Schema;

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MappedView(input, Bind(input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Bind(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        if (_contract == null)
            throw new InvalidOperationException("Empty contract name for a transform: the transform cannot be saved");
        ctx.Writer.Kind(ModelKind.CustomMapping).Text(_contract).Text(_map.Method.DeclaringType.Assembly.FullName);
    }

    private AddedColumnsMapper Bind(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new AddedColumnsMapper(inputSchema, new Mapping(this, new ObjectBinding<TSrc>(inputSchema, ignoreMissing: false, _input)));
    }

    private sealed class Mapping(CustomMappingTransformer<TSrc, TDst> transformer, ObjectBinding<TSrc> binding) : ColumnMapping
    {
        public override DataViewSchema.DetachedColumn[] Added { get; } =
            [.. transformer.AddedSchema.Select(column => new DataViewSchema.DetachedColumn(column))];

        public override IEnumerable<DataViewSchema.Column> InputsOf(int added) => binding.Columns;

        public override Delegate[] CreateGetters(DataViewRow input, bool[] active)
        {
            var getters = new Delegate[Added.Length];
            if (!active.Contains(true))
                return getters;

            var evaluation = new Evaluation(transformer._map, input, binding.CreateFiller(input));
            for (int i = 0; i < getters.Length; i++)
            {
                if (active[i])
                    getters[i] = (Delegate)MemberAccess.Call(typeof(Mapping), nameof(After), [Added[i].Type.RawType], evaluation, transformer._output.CreateGetter(evaluation.Result, i));
            }

            return getters;
        }

        private static ValueGetter<T> After<T>(Evaluation evaluation, ValueGetter<T> member) => (ref T value) =>
        {
            evaluation.Update();
            member(ref value);
        };
    }

    /// <summary>The function's result for the row at hand: computed once, however many of its columns are read.</summary>
    private sealed class Evaluation(Action<TSrc, TDst> map, DataViewRow row, Action<TSrc> fill)
    {
        private readonly TSrc _source = new();
        private long _position = -1;

        public RowBox<TDst> Result { get; } = new();

        public void Update()
        {
            if (Result.Row != null && _position == row.Position)
                return;
            // A new object, so that values handed out for earlier rows stay as they are.
            var result = new TDst();
            fill(_source);
            map(_source, result);
            (Result.Row, _position) = (result, row.Position);
        }
    }
}
