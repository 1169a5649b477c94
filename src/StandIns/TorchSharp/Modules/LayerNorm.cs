using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class LayerNorm : nn.Module<Tensor, Tensor>
{
    private readonly long[] _normalizedShape;
    private readonly double _eps;

    internal LayerNorm(long[] normalizedShape, double eps, bool elementwiseAffine, bool hasBias) : base(nameof(LayerNorm))
    {
        (_normalizedShape, _eps) = (normalizedShape, eps);
        if (!elementwiseAffine) return;
        this[nameof(weight)] = new Parameter(ones(normalizedShape));
        if (hasBias) this[nameof(bias)] = new Parameter(zeros(normalizedShape));
    }

    public Parameter weight { get => this[nameof(weight)]; set => this[nameof(weight)] = value; }

    public Parameter bias { get => this[nameof(bias)]; set => this[nameof(bias)] = value; }

    public override Tensor forward(Tensor tensor) => nn.functional.layer_norm(tensor, _normalizedShape, weight, bias, _eps);
}
