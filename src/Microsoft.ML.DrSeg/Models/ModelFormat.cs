using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// How models of one kind are written to files and made again from them. A model with a format is copied for training, saved,
/// loaded, checkpointed and resumed; derive one for a model of parts of your own, give it to the model's constructor and
/// register it before a file is loaded.
/// </summary>
public abstract class ModelFormat
{
    private const string Family = "Microsoft.ML.DrSeg";

    private static readonly ConcurrentDictionary<string, ModelFormat> Known = new(StringComparer.Ordinal);

    /// <summary>What files call this kind of model: letters alone.</summary>
    public abstract string Name { get; }

    /// <summary>What a model is besides its weights and its threshold, such as sizes and words.</summary>
    /// <param name="model">A model of this format.</param>
    public abstract JsonElement Describe(DrSegModel model);

    /// <summary>The weights that a file holds, by name: the model's own tensors of Float32, not copies of them.</summary>
    /// <param name="model">A model of this format.</param>
    public abstract IReadOnlyDictionary<string, Tensor> Weights(DrSegModel model);

    /// <summary>Makes a model that its weights are then read into.</summary>
    /// <param name="description">What <see cref="Describe"/> gave, or what a damaged file says.</param>
    /// <param name="device">
    /// Where the model is to live. META comes first, for names and shapes alone: weights are read only where they agree with these,
    /// so that a file that promises too much is given no memory.
    /// </param>
    /// <returns>A model of this format; the caller disposes it.</returns>
    /// <exception cref="JsonException">It is no description of such a model.</exception>
    /// <exception cref="ArgumentException">It has sizes that do not fit each other.</exception>
    public abstract DrSegModel Create(JsonElement description, Device device);

    /// <summary>Makes formats known, so that files which name them can be loaded.</summary>
    /// <param name="format">The format; one of the same name gives way to it.</param>
    /// <exception cref="ArgumentException">Its name is not made of letters.</exception>
    public static void Register(ModelFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        if (!IsName(format.Name))
            throw new ArgumentException($"The name of {format.GetType().Name}, '{format.Name}', must be made of letters.", nameof(format));
        Known[format.Name] = format;
    }

    internal virtual DrSegModel LoadBase(Device? device) => throw new NotSupportedException($"There is no base model of the kind {Name}.");

    /// <summary>Brings the weights of an older file to today's names and shapes.</summary>
    internal virtual void Upgrade(int version, Dictionary<string, (long[] Shape, float[] Values)> weights, IReadOnlyDictionary<string, long[]> expected)
    {
    }

    /// <summary>
    /// The format of a name: one that was registered, or that of the assembly of this library which the name is the last part of. A
    /// file can name these and no others.
    /// </summary>
    internal static ModelFormat Find(string name)
    {
        if (!IsName(name))
            throw new NotSupportedException($"'{name}' is no name of a kind of model.");
        if (!Known.ContainsKey(name) && Assembly(name) is { } assembly)
            RuntimeHelpers.RunModuleConstructor(assembly.ManifestModule.ModuleHandle);
        return Known.GetValueOrDefault(name)
            ?? throw new NotSupportedException($"Models of the kind '{name}' are not known here. Reference the package {Family}.{name}, or, for a kind of your own, call {nameof(ModelFormat)}.{nameof(Register)} first.");
    }

    private static bool IsName(string? name) => name is { Length: > 0 } && name.All(char.IsAsciiLetter);

    private static Assembly? Assembly(string name)
    {
        try
        {
            return System.Reflection.Assembly.Load($"{Family}.{name}");
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
