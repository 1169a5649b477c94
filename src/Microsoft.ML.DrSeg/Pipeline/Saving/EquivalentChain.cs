using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// What a step of this library is saved as in a model file of ML.NET, whose own way to save is closed to other assemblies: a
/// chain of ML.NET's transformers that does the same. Copies bring the columns under fixed names; a constant text looks up the
/// step's state, its <see cref="DrSegFile"/> as a vector of bytes; a custom mapping, found again by its contract, computes the
/// results; copies bring these under their own names, and the fixed names are dropped.
/// </summary>
internal static class EquivalentChain
{
    public const string Prefix = "DrSeg.";

    public const string State = Prefix + "State";

    /// <summary>The fixed name of the column that the state is looked up by, which holds the same text in every row.</summary>
    public const string Key = Prefix + "Key";

    public const string KeyText = "state";

    /// <summary>The chain of a step that answers queries. Its results have the names of the options that name their columns.</summary>
    public static TransformerChain<ITransformer> OverQueries<TStep, TResult>(
        CustomMappingFactory<QuerySource, TResult> factory, string contract, TStep step, QueryOptions options)
        where TStep : RowTransformer
        where TResult : class, new() =>
        Create(
            factory, contract, CarriedStep<TStep>.Pack(step),
            [(nameof(QuerySource.Image), options.ImageColumnName), (nameof(QuerySource.Query), options.QueryColumnName)],
            [.. options.Outputs.Select(output => (output.Option[..^"ColumnName".Length], output.Name))],
            context => context.Transforms.Expression(Key, $"(x) => \"{KeyText}\"", Prefix + nameof(QuerySource.Query)));

    /// <summary>A chain over a column of masks, which an expression cannot read: the key too comes from a mapping.</summary>
    /// <param name="inputs">Input columns: the fixed name, without prefix, and the real one.</param>
    /// <param name="outputs">Output columns, likewise.</param>
    public static TransformerChain<ITransformer> OverMask<TSource, TResult>(
        CustomMappingFactory<TSource, TResult> factory, string contract, byte[] state, (string Fixed, string Real)[] inputs, (string Fixed, string Real)[] outputs)
        where TSource : class, new()
        where TResult : class, new() =>
        Create(factory, contract, state, inputs, outputs, context => context.Transforms.CustomMapping(new MaskKeyMapping().GetMapping(), MaskKeyMapping.Contract));

    private static TransformerChain<ITransformer> Create<TSource, TResult>(
        CustomMappingFactory<TSource, TResult> factory, string contract, byte[] state,
        (string Fixed, string Real)[] inputs, (string Fixed, string Real)[] outputs, Func<MLContext, IEstimator<ITransformer>> key)
        where TSource : class, new()
        where TResult : class, new()
    {
        var context = new MLContext();
        // Transformers of ML.NET come from fitting only; without a row they learn the schema. The columns of images have any size there.
        var rows = SchemaDefinition.Create(typeof(TSource));
        foreach ((string name, string real) in inputs)
            rows[Prefix + name].ColumnName = real;
        IDataView view = context.Data.LoadFromEnumerable<TSource>([], rows);
        IEstimator<ITransformer>[] steps =
        [
            .. inputs.Select(input => context.Transforms.CopyColumns(Prefix + input.Fixed, input.Real)),
            key(context),
            context.Transforms.Conversion.MapValue<string, byte>(State, [new KeyValuePair<string, byte[]>(KeyText, state)], Key),
            context.Transforms.CustomMapping(factory.GetMapping(), contract),
            .. outputs.Select(output => context.Transforms.CopyColumns(output.Real, Prefix + output.Fixed)),
            context.Transforms.DropColumns([.. inputs.Concat(outputs).Select(column => Prefix + column.Fixed), Key, State]),
        ];
        var fitted = new List<ITransformer>();
        foreach (IEstimator<ITransformer> step in steps)
        {
            fitted.Add(step.Fit(view));
            view = fitted[^1].Transform(view);
        }
        return new TransformerChain<ITransformer>([.. fitted]);
    }
}
