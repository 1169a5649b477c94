namespace TorchSharp.Modules;

public class RMSProp : OptimizerHelper
{
    internal RMSProp(ParamGroup group) : base([group]) { }
}

internal sealed record RMSPropRule(double Alpha, double Epsilon, double WeightDecay, double Momentum, bool Centered, bool Maximize) : UpdateRule
{
    public override int StateTensors => 1 + (Centered ? 1 : 0) + (Momentum > 0 ? 1 : 0);

    public override void Step(double learningRate, nint[] parameters, nint[][] state, long[] steps) =>
        Native.ts_rmsprop(parameters, state[0], Centered ? state[1] : null, Momentum > 0 ? state[StateTensors - 1] : null, steps, steps.Length,
            learningRate, Alpha, Epsilon, WeightDecay, Momentum, Maximize);
}
