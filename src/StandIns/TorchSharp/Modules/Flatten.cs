using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class Flatten : nn.Module<Tensor, Tensor>
{
    private readonly long _start, _end;

    internal Flatten(long start, long end) : base(nameof(Flatten)) => (_start, _end) = (start, end);

    public override Tensor forward(Tensor tensor) => tensor.flatten(_start, _end);
}
