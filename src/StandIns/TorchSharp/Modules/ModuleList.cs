using System.Collections;
using System.Globalization;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A list of modules that are called "0", "1", and so on; it has no forward of its own.</summary>
public class ModuleList<T> : nn.Module, IEnumerable<T> where T : nn.Module
{
    private readonly List<T> _modules = [];

    public ModuleList(params T[] modules) : base(nameof(ModuleList<>)) => append(modules);

    public int Count => _modules.Count;

    public T this[int index]
    {
        get => _modules[index];
        set
        {
            _modules[index] = value;
            ReplaceModule(Name(index), value);
        }
    }

    public void Add(T item)
    {
        register_module(Name(_modules.Count), item);
        _modules.Add(item);
    }

    public void append(params T[] parameters)
    {
        foreach (var module in parameters) Add(module);
    }

    public IEnumerator<T> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static string Name(int index) => index.ToString(CultureInfo.InvariantCulture);
}
