namespace TorchSharp.Modules;

/// <summary>How an optimiser changes a parameter by its gradient: the settings, and the native step over many parameters.</summary>
internal abstract record UpdateRule
{
    /// <summary>How many tensors of state each parameter has.</summary>
    public abstract int StateTensors { get; }

    public virtual double InitialState => 0;

    /// <summary>Steps the parameters that have a gradient once, and counts up their steps. All tensors come as handles.</summary>
    /// <param name="state">For each state tensor an array of as many as there are parameters.</param>
    public abstract void Step(double learningRate, nint[] parameters, nint[][] state, long[] steps);
}
