namespace TorchSharp.Modules;

public class Adagrad : OptimizerHelper
{
    internal Adagrad(ParamGroup group) : base([group]) { }
}

internal sealed record AdagradRule(double LearningRateDecay, double WeightDecay, double InitialAccumulator, double Epsilon) : UpdateRule
{
    public override int StateTensors => 1;

    public override double InitialState => InitialAccumulator;

    public override void Step(double learningRate, nint[] parameters, nint[][] state, long[] steps) =>
        Native.ts_adagrad(parameters, state[0], steps, steps.Length, learningRate, LearningRateDecay, Epsilon, WeightDecay);
}
