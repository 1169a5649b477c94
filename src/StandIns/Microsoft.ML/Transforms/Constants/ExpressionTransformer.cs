using System.Text.RegularExpressions;
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <inheritdoc cref="ExpressionCatalog.Expression"/>
public sealed partial class ExpressionTransformer : RowToRowTransformerBase
{
    private readonly string _expression, _text;

    internal ExpressionTransformer(string outputColumn, string expression, string[] inputColumns)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumn);
        ArgumentException.ThrowIfNullOrEmpty(expression);
        ArgumentNullException.ThrowIfNull(inputColumns);
        if (ConstantText().Match(expression) is not { Success: true } constant)
            throw new NotSupportedException($"The expression '{expression}' is not a constant text such as (x) => \"text\", all that this stand-in for Microsoft.ML computes; the official packages compute others.");
        (OutputColumn, InputColumns, _expression, _text) = (outputColumn, inputColumns, expression, constant.Groups["text"].Value);
    }

    internal string OutputColumn { get; }

    internal string[] InputColumns { get; }

    private protected override void Save(ModelWriter writer) => writer.Kind(ModelKind.Expression).Text(OutputColumn).Text(_expression).Texts(InputColumns);

    private protected override ColumnMapping MakeMapping(DataViewSchema inputSchema) => new Mapping(
        OutputColumn, _text, [.. InputColumns.Select(name => inputSchema.GetColumnOrNull(name) ?? throw SchemaErrors.Missing("input", name, inputSchema))]);

    [GeneratedRegex("""^\s*\(?\s*\w+\s*\)?\s*=>\s*"(?<text>[^"\\]*)"\s*$""")]
    private static partial Regex ConstantText();

    private sealed class Mapping(string outputColumn, string text, DataViewSchema.Column[] inputs) : ColumnMapping
    {
        public override DataViewSchema.DetachedColumn[] Added { get; } = [new(outputColumn, TextDataViewType.Instance)];

        public override IEnumerable<DataViewSchema.Column> InputsOf(int added) => inputs;

        public override Delegate[] CreateGetters(DataViewRow input, bool[] active) =>
            [active[0] ? (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = text.AsMemory()) : null];
    }
}
