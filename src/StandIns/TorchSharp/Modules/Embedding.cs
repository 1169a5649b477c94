using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    private readonly long _paddingIndex;
    private readonly double? _maximumNorm;
    private readonly double _normType;
    private readonly bool _scaleByFrequency, _sparse;

    internal Embedding(long count, long dimensions, long? paddingIndex, double? maximumNorm, double normType, bool scaleByFrequency, bool sparse) : base(nameof(Embedding))
    {
        // From here on, -1 says that no row stands for padding.
        _paddingIndex = paddingIndex is { } index ? index < 0 ? index + count : index : -1;
        if (paddingIndex is not null && (_paddingIndex < 0 || _paddingIndex >= count))
            throw new ArgumentException($"padding_idx must name one of the {count} rows, got {paddingIndex}.", nameof(paddingIndex));
        (_maximumNorm, _normType, _scaleByFrequency, _sparse) = (maximumNorm, normType, scaleByFrequency, sparse);
        var rows = new Parameter(empty(count, dimensions));
        nn.init.normal_(rows);
        using (no_grad())
        {
            if (_paddingIndex >= 0) rows.select(0, _paddingIndex).zero_();
        }
        this[nameof(weight)] = rows;
    }

    public Parameter weight { get => this[nameof(weight)]; set => this[nameof(weight)] = value; }

    public override unsafe Tensor forward(Tensor input)
    {
        var norm = _maximumNorm.GetValueOrDefault();
        return Native.ts_embedding(weight, input, _paddingIndex, _maximumNorm is null ? null : &norm, _normType, _scaleByFrequency, _sparse);
    }
}
