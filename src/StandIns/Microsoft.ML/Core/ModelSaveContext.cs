using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>A model file being written. Only ML.NET itself makes one.</summary>
public sealed class ModelSaveContext : IDisposable
{
    internal ModelSaveContext(ModelWriter writer) => Writer = writer;

    internal ModelWriter Writer { get; }

    public void Dispose()
    {
    }

    /// <summary>What those steps of this assembly answer that cannot be part of its model files.</summary>
    internal static NotSupportedException NotOffered(object step) =>
        new($"{step.GetType().Name} cannot be saved by this stand-in for Microsoft.ML; the official Microsoft.ML packages can.");
}
