using static TorchSharp.torch;

namespace TorchSharp.Modules;

public class AdamW : OptimizerHelper
{
    internal AdamW(IEnumerable<ParamGroup> groups) : base(groups) { }

    /// <summary>Step count, and running means of the gradient, of its square, and with AMSGrad the largest of the latter.</summary>
    public sealed class State : OptimizerState
    {
        public long step;
        public Tensor exp_avg;
        public Tensor exp_avg_sq;
        public Tensor max_exp_avg_sq;

        internal State(Tensor[] slots)
        {
            (exp_avg, exp_avg_sq) = (slots[0], slots[1]);
            if (slots.Length > 2) max_exp_avg_sq = slots[2];
        }

        internal override long Steps { get => step; set => step = value; }

        internal override Tensor Slot(int index) => index switch
        {
            0 => exp_avg,
            1 => exp_avg_sq,
            _ => max_exp_avg_sq,
        };
    }

    /// <summary>Parameters with settings of their own, so that norms and biases need not decay.</summary>
    public class ParamGroup : Modules.ParamGroup
    {
        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001d, double beta1 = 0.9d, double beta2 = 0.999d, double eps = 1E-08d, double weight_decay = 0d, bool amsgrad = false, bool maximize = false)
            : base(parameters, lr, new AdamRule(beta1, beta2, eps, weight_decay, Decoupled: true, amsgrad, maximize)) { }
    }
}
