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
    /// <summary>Begins all fixed names.</summary>
    public const string Prefix = "DrSeg.";

    /// <summary>The fixed name of the state's column.</summary>
    public const string State = Prefix + "State";

    /// <summary>The fixed name of the column that the state is looked up by, which holds the same text in every row.</summary>
    public const string Key = Prefix + "Key";

    /// <summary>That text.</summary>
    public const string KeyText = "state";

    /// <summary>A chain whose key comes from a column of texts.</summary>
    /// <param name="inputs">Input columns: the fixed name, without prefix, and the real one; the last is the column of texts.</param>
    public static TransformerChain<ITransformer> OverText<TSource, TResult>(
        CustomMappingFactory<TSource, TResult> factory, string contract, byte[] state, (string Fixed, string Real)[] inputs, (string Fixed, string Real)[] outputs)
        where TSource : class, new()
        where TResult : class, new() =>
        Create(factory, contract, state, inputs, outputs, context => context.Transforms.Expression(Key, $"(x) => \"{KeyText}\"", Prefix + inputs[^1].Fixed));

    /// <summary>A chain over a column of masks, which an expression cannot read: the key too comes from a mapping.</summary>
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
