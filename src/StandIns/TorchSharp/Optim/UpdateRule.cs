using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>How an optimiser changes a parameter by its gradient: the settings, and the native step over many parameters.</summary>
internal abstract record UpdateRule
{
    /// <summary>How many tensors of state each parameter has.</summary>
    public abstract int StateTensors { get; }

    public virtual double InitialState => 0;

    public virtual OptimizerState CreateState(Tensor[] slots) => new HiddenState(slots);

    /// <summary>
    /// Steps the parameters that have a gradient once, and counts up their steps. Tensors come as handles: for each state
    /// tensor there is an array as long as that of the parameters.
    /// </summary>
    public abstract void Step(double learningRate, nint[] parameters, nint[][] state, long[] steps);
}
