using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Modules one after the other; without names they are called "0", "1", and so on.</summary>
public class Sequential : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor>[] _modules;

    internal Sequential(IEnumerable<(string name, nn.Module<Tensor, Tensor> submodule)> modules) : base(nameof(Sequential))
    {
        var entries = modules.ToArray();
        _modules = Array.ConvertAll(entries, entry => entry.submodule);
        foreach (var (name, submodule) in entries) register_module(name, submodule);
    }

    public override Tensor forward(Tensor tensor)
    {
        var current = tensor;
        foreach (var module in _modules)
        {
            var next = module.call(current);
            // Nobody else holds an intermediate result; autograd keeps what it needs by itself.
            if (!ReferenceEquals(current, tensor) && !ReferenceEquals(current, next)) current.Dispose();
            current = next;
        }
        return current;
    }
}
