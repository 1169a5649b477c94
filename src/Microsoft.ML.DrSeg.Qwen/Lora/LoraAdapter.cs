using Microsoft.ML.DrSeg.Common;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// All that training changes of a text model: factors beside its linear layers. The vision tower has none. The model without
/// an adapter is the reference of a run that begins with a fresh one.
/// </summary>
internal sealed class LoraAdapter : IDisposable
{
    private readonly LoraFactors?[][] _layers;

    private LoraAdapter(LoraSettings settings, LoraFactors?[][] layers) => (Settings, _layers) = (settings, layers);

    public LoraSettings Settings { get; }

    /// <summary>The factors of a layer by <see cref="TextModule"/>; null for a module that has none.</summary>
    public IReadOnlyList<LoraFactors?> this[int layer] => _layers[layer];

    /// <summary>
    /// An adapter to all linear layers that changes nothing yet: B is 0, A drawn from -1/√in to 1/√in, as peft begins (kaiming_uniform
    /// with a = √5).
    /// </summary>
    /// <param name="shape">Sizes of the model.</param>
    /// <param name="settings">Of the adapter.</param>
    /// <param name="seed">Fixes A, on every machine.</param>
    /// <param name="device">Where.</param>
    public static LoraAdapter Fresh(TextShape shape, LoraSettings settings, ulong seed, Device device) => Of(shape, settings, (layer, module) =>
    {
        (int inputs, int outputs) = module.Sizes(shape);
        var random = DeterministicRandom.Create(seed, (ulong)layer, (ulong)module);
        double bound = 1 / Math.Sqrt(inputs);
        var values = new float[settings.Rank * inputs];
        for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextDouble(-bound, bound);
        return (tensor(values, [settings.Rank, inputs]).to(device), zeros([outputs, settings.Rank], ScalarType.Float32, device));
    });

    /// <summary>Numbers of an adapter to all linear layers.</summary>
    public static long Numbers(TextShape shape, int rank) => shape.Layers * TextModules.All.Sum(module => module.Sizes(shape) is var (inputs, outputs) ? (long)rank * (inputs + outputs) : 0);

    /// <summary>An adapter of given factors.</summary>
    /// <param name="shape">Sizes of the model.</param>
    /// <param name="settings">Of the adapter.</param>
    /// <param name="factors">Gives A and B of a module, which are copied; null where it has none.</param>
    public static LoraAdapter Of(TextShape shape, LoraSettings settings, Func<int, TextModule, (Tensor Down, Tensor Up)?> factors)
    {
        using var scope = NewDisposeScope();
        return new LoraAdapter(settings, [.. Enumerable.Range(0, shape.Layers).Select(layer => TextModules.All.Select(module =>
            factors(layer, module) is var (down, up) ? new LoraFactors(down, up, settings.Scale) : null).ToArray())]);
    }

    /// <summary>Whether it changes nothing, as a fresh one: every B is 0.</summary>
    public bool SaysNothing
    {
        get
        {
            using var scope = NewDisposeScope();
            return Modules().All(one => one.Factors.Up.count_nonzero().item<long>() == 0);
        }
    }

    /// <summary>An adapter of the same numbers, which shares none with this one.</summary>
    public LoraAdapter Copy() => new(Settings, [.. _layers.Select(layer => Array.ConvertAll(layer, factors => factors is null ? null : new LoraFactors(factors.Down, factors.Up, Settings.Scale)))]);

    /// <summary>The factors with their places.</summary>
    public IEnumerable<(int Layer, TextModule Module, LoraFactors Factors)> Modules() =>
        from layer in Enumerable.Range(0, _layers.Length)
        from module in TextModules.All
        where _layers[layer][(int)module] is not null
        select (layer, module, _layers[layer][(int)module]!);

    public IEnumerable<Parameter> Parameters() => Modules().SelectMany(one => new[] { one.Factors.Down, one.Factors.Up });

    /// <summary>The factors by the names that peft gives them in files.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors() => Modules().SelectMany(one => new[]
    {
        KeyValuePair.Create<string, Tensor>(LoraNames.Down(one.Layer, one.Module), one.Factors.Down),
        KeyValuePair.Create<string, Tensor>(LoraNames.Up(one.Layer, one.Module), one.Factors.Up),
    }).ToDictionary();

    public void Dispose()
    {
        foreach ((_, _, LoraFactors factors) in Modules()) factors.Dispose();
    }
}
