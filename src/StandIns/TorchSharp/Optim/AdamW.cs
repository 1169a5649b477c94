namespace TorchSharp.Modules;

public class AdamW : OptimizerHelper
{
    internal AdamW(IEnumerable<ParamGroup> groups) : base(groups) { }

    /// <summary>Parameters with settings of their own, so that norms and biases need not decay.</summary>
    public class ParamGroup : Modules.ParamGroup
    {
        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001d, double beta1 = 0.9d, double beta2 = 0.999d, double eps = 1E-08d, double weight_decay = 0d, bool amsgrad = false, bool maximize = false)
            : base(parameters, lr, new AdamRule(beta1, beta2, eps, weight_decay, Decoupled: true, amsgrad, maximize)) { }
    }
}
