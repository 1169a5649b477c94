namespace Microsoft.ML;

/// <summary>A model file being written. Only ML.NET itself makes one; this assembly writes no ML.NET model files.</summary>
public sealed class ModelSaveContext : IDisposable
{
    internal ModelSaveContext()
    {
    }

    public void Dispose()
    {
    }

    /// <summary>What the steps of this assembly answer when they are to be saved.</summary>
    internal static NotSupportedException NotOffered(object step) =>
        new($"{step.GetType().Name} cannot be saved: ML.NET model files are written only with the official Microsoft.ML packages.");
}
