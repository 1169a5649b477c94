using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class BatchNorm2d : nn.Module<Tensor, Tensor>
{
    private readonly double _eps, _momentum;

    internal BatchNorm2d(long features, double eps, double momentum, bool affine, bool trackRunningStats) : base(nameof(BatchNorm2d))
    {
        (_eps, _momentum) = (eps, momentum);
        if (affine)
        {
            this[nameof(weight)] = new Parameter(ones(features));
            this[nameof(bias)] = new Parameter(zeros(features));
        }
        if (!trackRunningStats) return;
        SetOwnBuffer(nameof(running_mean), zeros(features));
        SetOwnBuffer(nameof(running_var), ones(features));
        SetOwnBuffer(nameof(num_batches_tracked), tensor(0L));
    }

    public Parameter weight { get => this[nameof(weight)]; set => this[nameof(weight)] = value; }

    public Parameter bias { get => this[nameof(bias)]; set => this[nameof(bias)] = value; }

    public Tensor running_mean { get => GetOwnBuffer(nameof(running_mean)); set => SetOwnBuffer(nameof(running_mean), value); }

    public Tensor running_var { get => GetOwnBuffer(nameof(running_var)); set => SetOwnBuffer(nameof(running_var), value); }

    public Tensor num_batches_tracked => GetOwnBuffer(nameof(num_batches_tracked));

    public override Tensor forward(Tensor tensor)
    {
        if (tensor.dim() != 4) throw new ArgumentException($"BatchNorm2d wants [batch, channels, height, width], got {tensor.dim()} dimensions.", nameof(tensor));
        if (training) num_batches_tracked?.add_(1);
        return nn.functional.batch_norm(tensor, running_mean, running_var, weight, bias, training || running_mean is null, _momentum, _eps);
    }
}
