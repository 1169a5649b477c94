using static TorchSharp.torch;

namespace TorchSharp.Modules;

public class Adam : OptimizerHelper
{
    internal Adam(ParamGroup group) : base([group]) { }
}

/// <summary>Adam; with <paramref name="Decoupled"/> the weights decay beside the gradient, not through it, which is AdamW.</summary>
internal sealed record AdamRule(double Beta1, double Beta2, double Epsilon, double WeightDecay, bool Decoupled, bool AmsGrad, bool Maximize) : UpdateRule
{
    public override int StateTensors => AmsGrad ? 3 : 2;

    public override OptimizerState CreateState(Tensor[] slots) => Decoupled ? new AdamW.State(slots) : new HiddenState(slots);

    public override void Step(double learningRate, nint[] parameters, nint[][] state, long[] steps) =>
        Native.ts_adam(parameters, state[0], state[1], AmsGrad ? state[2] : null, steps, steps.Length,
            learningRate, Beta1, Beta2, Epsilon, WeightDecay, Decoupled, Maximize);
}
