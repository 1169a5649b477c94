using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A tensor to learn. It takes the given one over, which is invalid afterwards.</summary>
public class Parameter : Tensor
{
    public Parameter(Tensor data, bool requires_grad = true) : base(Take(data, requires_grad)) { }

    private static nint Take(Tensor data, bool requiresGrad)
    {
        Native.ts_set_requires_grad(data, requiresGrad);
        return data.ReleaseHandle();
    }
}
