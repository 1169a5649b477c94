using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What an optimiser has learnt about one parameter.</summary>
public abstract class OptimizerState
{
    private protected OptimizerState() { }

    /// <summary>How often the parameter was stepped.</summary>
    internal abstract long Steps { get; set; }

    /// <summary>A tensor of the state, in the order in which the rule wants them.</summary>
    internal abstract Tensor Slot(int index);
}

/// <summary>The state of rules whose state nobody reads but themselves.</summary>
internal sealed class HiddenState(Tensor[] slots) : OptimizerState
{
    internal override long Steps { get; set; }

    internal override Tensor Slot(int index) => slots[index];
}
