using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The optimisers' factory methods, with TorchSharp's defaults: AdamW's weight decay is 0 (PyTorch's is 0.01).</summary>
    public static partial class optim
    {
        public static SGD SGD(IEnumerable<Parameter> parameters, double learningRate, double momentum = 0d, double dampening = 0d, double weight_decay = 0d, bool nesterov = false, bool maximize = false) =>
            new(new(parameters, learningRate, new SgdRule(momentum, dampening, weight_decay, nesterov, maximize)));

        public static Adam Adam(IEnumerable<Parameter> parameters, double lr = 0.001d, double beta1 = 0.9d, double beta2 = 0.999d, double eps = 1E-08d, double weight_decay = 0d, bool amsgrad = false, bool maximize = false) =>
            new(new(parameters, lr, new AdamRule(beta1, beta2, eps, weight_decay, Decoupled: false, amsgrad, maximize)));

        public static AdamW AdamW(IEnumerable<Parameter> parameters, double lr = 0.001d, double beta1 = 0.9d, double beta2 = 0.999d, double eps = 1E-08d, double weight_decay = 0d, bool amsgrad = false, bool maximize = false) =>
            AdamW([new AdamW.ParamGroup(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)]);

        /// <summary>The groups bring their own settings; the further arguments are for settings that a group lacks, and none does.</summary>
        public static AdamW AdamW(IEnumerable<AdamW.ParamGroup> parameters, double lr = 0.001d, double beta1 = 0.9d, double beta2 = 0.999d, double eps = 1E-08d, double weight_decay = 0d, bool amsgrad = false, bool maximize = false) =>
            new(parameters);

        public static RMSProp RMSProp(IEnumerable<Parameter> parameters, double lr = 0.01d, double alpha = 0.99d, double eps = 1E-08d, double weight_decay = 0d, double momentum = 0d, bool centered = false, bool maximize = false) =>
            new(new(parameters, lr, new RMSPropRule(alpha, eps, weight_decay, momentum, centered, maximize)));

        public static Adagrad Adagrad(IEnumerable<Parameter> parameters, double lr = 0.01d, double lr_decay = 0d, double weight_decay = 0d, double initial_accumulator_value = 0d, double eps = 1E-10d) =>
            new(new(parameters, lr, new AdagradRule(lr_decay, weight_decay, initial_accumulator_value, eps)));
    }
}
