using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class Linear : nn.Module<Tensor, Tensor>
{
    internal Linear(long inputs, long outputs, bool hasBias) : base(nameof(Linear))
    {
        this[nameof(weight)] = FanInUniform.Weight(outputs, inputs);
        if (hasBias) this[nameof(bias)] = FanInUniform.Bias(outputs, weight);
    }

    public Parameter weight { get => this[nameof(weight)]; set => this[nameof(weight)] = value; }

    public Parameter bias { get => this[nameof(bias)]; set => this[nameof(bias)] = value; }

    public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, weight, bias);
}
