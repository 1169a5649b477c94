using static TorchSharp.torch;

namespace TorchSharp
{
    /// <summary>A loss of an input and a target, and how it is reduced over the elements.</summary>
    public abstract class Loss<T1, T2, TResult> : nn.Module<T1, T2, TResult>
    {
        private protected Loss(string name, nn.Reduction reduction) : base(name) => this.reduction = reduction;

        public nn.Reduction reduction { get; }
    }
}

namespace TorchSharp.Modules
{
    public sealed class CrossEntropyLoss : Loss<Tensor, Tensor, Tensor>
    {
        private readonly Tensor _weight;
        private readonly long _ignoreIndex;

        internal CrossEntropyLoss(Tensor weight, long? ignoreIndex, nn.Reduction reduction) : base(nameof(CrossEntropyLoss), reduction) =>
            (_weight, _ignoreIndex) = (weight, ignoreIndex ?? -100);

        public override Tensor forward(Tensor input, Tensor target) =>
            nn.functional.cross_entropy(input, target, _weight, _ignoreIndex, reduction);
    }

    public sealed class MSELoss : Loss<Tensor, Tensor, Tensor>
    {
        internal MSELoss(nn.Reduction reduction) : base(nameof(MSELoss), reduction) { }

        public override Tensor forward(Tensor input, Tensor target) => nn.functional.mse_loss(input, target, reduction);
    }

    public sealed class BCEWithLogitsLoss : Loss<Tensor, Tensor, Tensor>
    {
        private readonly Tensor _weight, _positiveWeights;

        internal BCEWithLogitsLoss(Tensor weight, nn.Reduction reduction, Tensor positiveWeights) : base(nameof(BCEWithLogitsLoss), reduction) =>
            (_weight, _positiveWeights) = (weight, positiveWeights);

        public override Tensor forward(Tensor input, Tensor target) =>
            nn.functional.binary_cross_entropy_with_logits(input, target, _weight, reduction, _positiveWeights);
    }
}
