namespace TorchSharp.Modules;

public class SGD : OptimizerHelper
{
    internal SGD(ParamGroup group) : base([group]) { }
}

internal sealed record SgdRule(double Momentum, double Dampening, double WeightDecay, bool Nesterov, bool Maximize) : UpdateRule
{
    public override int StateTensors => Momentum == 0 ? 0 : 1;

    public override void Step(double learningRate, nint[] parameters, nint[][] state, long[] steps) =>
        Native.ts_sgd(parameters, Momentum == 0 ? null : state[0], steps, steps.Length, learningRate, Momentum, Dampening, WeightDecay, Nesterov, Maximize);
}
