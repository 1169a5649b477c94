using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class GroupNorm : nn.Module<Tensor, Tensor>
{
    private readonly long _groups;
    private readonly double _eps;

    internal GroupNorm(long groups, long channels, double eps, bool affine) : base(nameof(GroupNorm))
    {
        (_groups, _eps) = (groups, eps);
        if (!affine) return;
        this[nameof(weight)] = new Parameter(ones(channels));
        this[nameof(bias)] = new Parameter(zeros(channels));
    }

    public Parameter weight { get => this[nameof(weight)]; set => this[nameof(weight)] = value; }

    public Parameter bias { get => this[nameof(bias)]; set => this[nameof(bias)] = value; }

    public override Tensor forward(Tensor tensor) => nn.functional.group_norm(tensor, _groups, weight, bias, _eps);
}
